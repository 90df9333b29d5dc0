import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Header } from 'tar-stream';
import { codeOf, messageOf } from '../errors.ts';

export interface ArchiveLimits {
  /** Of the whole archive, unpacked. */
  readonly maxBytes: number;
  /** Larger members are passed over. */
  readonly maxMemberBytes: number;
}

/** `ca.zone`, and nothing that is merely like it: a member named just ".zone" has been seen. */
const MEMBER = /^(?:\.\/)?([a-z]{2})\.zone$/;

/**
 * Takes the zones of the wanted countries out of a tar.gz. Only those asked for: ipdeny's holds a zz.zone with all of
 * IPv4. Why it is no such archive as a string.
 */
export async function readArchive(
  archive: Uint8Array,
  wanted: ReadonlySet<string>,
  { maxBytes, maxMemberBytes }: ArchiveLimits,
): Promise<ReadonlyMap<string, Uint8Array> | string> {
  try {
    const bytes = await promisify(gunzip)(archive, { maxOutputLength: maxBytes });
    return await readMembers(bytes, wanted, maxMemberBytes);
  } catch (error) {
    if (codeOf(error) === 'ERR_BUFFER_TOO_LARGE') return `it unpacks to more than ${maxBytes / 2 ** 20} MiB`;
    return `it is no tar.gz archive (${messageOf(error)})`;
  }
}

async function readMembers(
  bytes: Uint8Array,
  wanted: ReadonlySet<string>,
  maxMemberBytes: number,
): Promise<Map<string, Uint8Array>> {
  const { extract } = await import('tar-stream');
  const members = extract();
  members.end(bytes);
  const zones = new Map<string, Uint8Array>();
  for await (const member of members) {
    const country = countryOf(member.header);
    const isWanted = country !== undefined && wanted.has(country) && member.header.size <= maxMemberBytes;
    const chunks: Uint8Array[] = [];
    for await (const chunk of member as AsyncIterable<Uint8Array>) if (isWanted) chunks.push(chunk);
    if (isWanted) zones.set(country, Buffer.concat(chunks));
  }
  return zones;
}

const countryOf = ({ type, name }: Header): string | undefined =>
  type === 'file' ? MEMBER.exec(name)?.[1]?.toUpperCase() : undefined;
