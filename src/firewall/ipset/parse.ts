import { subtract } from '../../ip/bounds.ts';
import type { Cidr } from '../../ip/cidr.ts';
import { newCidr, parseCidr } from '../../ip/cidr.ts';
import { Collector } from '../../ip/collect.ts';
import type { Family } from '../../ip/family.ts';
import { ipv4, ipv6 } from '../../ip/family.ts';
import { scanLines } from '../../ip/scan.ts';
import type { SetState } from '../../plan/state.ts';

const LF = 0x0a;
/** What an "add" line starts with, and no "create" line. */
const ADD = 0x61;
const SPACE = 0x20;
const decoder = new TextDecoder();
const encoder = new TextEncoder();

/**
 * Reads what `ipset save` prints, of one set after the other:
 *
 *     create geofence-main-allow-4 hash:net family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x3e74bf5c
 *     add geofence-main-allow-4 192.0.2.0/24
 *     add geofence-main-allow-4 198.51.100.7
 *
 * A single address has no prefix length. An entry with "nomatch" is an exception, taken out of the rest. Entries of
 * another type of set than ours are no networks: they are left out, the header says enough.
 */
export function parseSavedSets(saved: Uint8Array): SetState[] {
  const sets: SetState[] = [];
  for (let start = 0; start < saved.length;) {
    const { set, end } = parseSet(saved, start);
    sets.push(set);
    start = end;
  }
  return sets;
}

/** Reads the set whose "create" is at `from`; `end` is where the next one starts. */
function parseSet(saved: Uint8Array, from: number): { set: SetState; end: number } {
  const firstEnd = endOfLine(saved, from);
  const [, name = '', ...options] = decoder.decode(saved.subarray(from, firstEnd)).split(' ');
  const header = headerOf(options);
  const family = header.includes('family inet6') ? ipv6 : ipv4;
  const entries = new Collector(family);
  const exceptions = new Collector(family);
  const cidr = newCidr();
  const offset = `add ${name} `.length;
  const usual = { lead: offset, shortest: 0 };
  let start = firstEnd + 1;
  while (saved[start] === ADD) {
    start = scanLines(saved, start, usual, entries);
    if (saved[start] !== ADD) break;
    const line = saved.subarray(start + offset, endOfLine(saved, start));
    start += offset + line.length + 1;
    const space = line.indexOf(SPACE);
    if (!parseEntry(family, space < 0 ? line : line.subarray(0, space), cidr)) continue;
    const isException = space >= 0 && decoder.decode(line.subarray(space)).includes('nomatch');
    (isException ? exceptions : entries).add(cidr.words, cidr.length);
  }
  return { set: { name, header, bounds: subtract(entries.bounds(), exceptions.bounds()) }, end: start };
}

function endOfLine(bytes: Uint8Array, from: number): number {
  const newline = bytes.indexOf(LF, from);
  return newline < 0 ? bytes.length : newline;
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

/** What `ipset list -t` tells of a set. */
interface ListedSet {
  /** Type and options, worded like those of `parseSavedSets`. */
  readonly header: string;
  readonly entries: number;
  readonly text: string;
}

/**
 * Reads what `ipset list -t` prints, by name:
 *
 *     Name: geofence-main-allow-4
 *     Type: hash:net
 *     Header: family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x3e74bf5c
 *     Number of entries: 2
 */
export const parseListedSets = (listed: string): Map<string, ListedSet> =>
  new Map(
    listed.split(/^(?=Name: )/m).map((text) => {
      const valueOf = (label: string): string => new RegExp(`^${label}: (.*)$`, 'm').exec(text)?.[1] ?? '';
      const header = headerOf([valueOf('Type'), ...valueOf('Header').split(' ')]);
      return [valueOf('Name'), { header, entries: Number(valueOf('Number of entries')), text }];
    }),
  );
