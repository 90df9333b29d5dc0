/** `b25086e53da09e3d407eb222e20fcf0c  ca.zone`; "*" before the name: read in binary mode. */
const LINE = /^([0-9a-f]{32}) [ *](?:\.\/)?([^\s/]+)$/i;

/**
 * Returns the MD5 sums in the text that md5sum(1) prints, by file name; other lines are passed over. Returns as a
 * string why it is no such text, when no line has a sum.
 */
export function parseChecksums(body: Uint8Array): ReadonlyMap<string, string> | string {
  const sums = new Map<string, string>();
  for (const line of new TextDecoder().decode(body).split('\n')) {
    const [, sum, name] = LINE.exec(line.trimEnd()) ?? [];
    if (sum !== undefined && name !== undefined) sums.set(name, sum.toLowerCase());
  }
  return sums.size > 0 ? sums : 'it holds no checksum';
}
