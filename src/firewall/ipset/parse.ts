import { subtract } from '../../ip/bounds.ts';
import type { Cidr } from '../../ip/cidr.ts';
import { newCidr, parseCidr } from '../../ip/cidr.ts';
import { Collector } from '../../ip/collect.ts';
import type { Family } from '../../ip/family.ts';
import { ipv4, ipv6 } from '../../ip/family.ts';
import { UNUSUAL, scanLine } from '../../ip/scan.ts';
import type { SetState } from '../../plan/state.ts';

const LF = 0x0a;
const SPACE = 0x20;
const decoder = new TextDecoder();
const encoder = new TextEncoder();

const CREATE = encoder.encode('\ncreate ');

/** Reads what `ipset save` prints: one set after the other. */
export function parseSavedSets(saved: Buffer): SetState[] {
  const sets: SetState[] = [];
  for (let start = 0, end; start < saved.length; start = end) {
    const next = saved.indexOf(CREATE, start);
    end = next < 0 ? saved.length : next + 1;
    sets.push(parseSavedSet(saved.subarray(start, end)));
  }
  return sets;
}

/**
 * Reads what `ipset save NAME` prints of one set:
 *
 *     create geofence-main-allow-4 hash:net family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x3e74bf5c
 *     add geofence-main-allow-4 192.0.2.0/24
 *     add geofence-main-allow-4 198.51.100.7
 *
 * A single address has no prefix length. An entry with "nomatch" is an exception, taken out of the rest. Entries of
 * another type of set than ours are no networks: they are left out, the header says enough.
 */
export function parseSavedSet(saved: Uint8Array): SetState {
  const firstEnd = saved.indexOf(LF);
  const [, name = '', ...options] = decoder.decode(saved.subarray(0, Math.max(0, firstEnd))).split(' ');
  const header = headerOf(options);
  const family = header.includes('family inet6') ? ipv6 : ipv4;
  const entries = new Collector(family);
  const exceptions = new Collector(family);
  const cidr = newCidr();
  const offset = `add ${name} `.length;
  for (let start = firstEnd + 1; start < saved.length;) {
    const next = scanLine(family, saved, start + offset, cidr);
    if (next !== UNUSUAL) {
      entries.add(cidr.words, cidr.length);
      start = next;
      continue;
    }
    const newline = saved.indexOf(LF, start);
    const end = newline < 0 ? saved.length : newline;
    const from = start + offset;
    const space = saved.indexOf(SPACE, from);
    const entryEnd = space < 0 || space > end ? end : space;
    start = end + 1;
    if (!parseEntry(family, saved.subarray(from, entryEnd), cidr)) continue;
    const isException = decoder.decode(saved.subarray(entryEnd, end)).includes('nomatch');
    (isException ? exceptions : entries).add(cidr.words, cidr.length);
  }
  return { name, header, bounds: subtract(entries.bounds(), exceptions.bounds()) };
}

/** Reads an entry into `cidr`; says whether it is a network at all. */
function parseEntry(family: Family, entry: Uint8Array, cidr: Cidr): boolean {
  if (parseCidr(family, entry, 0, entry.length, cidr) === undefined) return true;
  const text = withoutDots(decoder.decode(entry));
  const bytes = encoder.encode(text.includes('/') ? text : `${text}/${family.bits}`);
  return parseCidr(family, bytes, 0, bytes.length, cidr) === undefined;
}

/** The kernel's tools write the lowest half of some IPv6 addresses as a dotted quad: "::ffff:192.0.2.0/120". */
const withoutDots = (text: string): string =>
  text.replace(/(?<=:)(\d+)\.(\d+)\.(\d+)\.(\d+)/, (_, ...octets: string[]) => {
    const [a, b, c, d] = octets.slice(0, 4).map((octet) => Number(octet).toString(16).padStart(2, '0'));
    return `${a}${b}:${c}${d}`;
  });

/** Type and options without what says nothing about behaviour: sizes, and the seed of the hash. */
function headerOf(options: readonly string[]): string {
  const sizes = new Set(['hashsize', 'maxelem', 'bucketsize', 'initval']);
  return options.filter((word, i) => !sizes.has(word) && !sizes.has(options[i - 1] ?? '')).join(' ');
}

/** Type and options that `ipset list -t NAME` reports, worded like those of `parseSavedSet`. */
export function parseListedHeader(listed: string): string {
  const [type = '', options = ''] = ['Type', 'Header'].map(
    (label) => new RegExp(`^${label}: (.*)$`, 'm').exec(listed)?.[1],
  );
  return headerOf([type, ...options.split(' ')]);
}

/** How many entries `ipset list -t NAME` reports. */
export function parseEntryCount(listed: string): number | undefined {
  const count = /^Number of entries: (\d+)$/m.exec(listed)?.[1];
  return count === undefined ? undefined : Number(count);
}
