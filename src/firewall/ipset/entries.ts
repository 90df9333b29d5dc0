import { newCidr } from '../../ip/cidr.ts';
import type { Family } from '../../ip/family.ts';
import type { SetShape } from '../model.ts';
import { readNetwork } from './read-network.ts';

/** Entries of a set whose entries come and go, each with the seconds it has left: 0 where it has no end. */
export type TimedEntries = ReadonlyMap<string, number>;

/**
 * Reads the lines that `ipset save` prints of the set `name`, without the first, which creates it:
 *
 *     add geofence-ban-4 192.0.2.1 timeout 3599
 */
export const parseEntries = (name: string, lines: readonly string[]): TimedEntries =>
  new Map(
    lines.map((line) => {
      const [entry = '', ...options] = line.slice(`add ${name} `.length).split(' ');
      return [entry, Number(options[options.indexOf('timeout') + 1] ?? 0) || 0];
    }),
  );

/**
 * Returns entries with those that end first at the beginning, those without an end last: where a netmask makes several
 * one, the last one added counts.
 */
export const byTimeLeft = (entries: TimedEntries): [entry: string, seconds: number][] =>
  [...entries].sort(([, a], [, b]) => (a || Infinity) - (b || Infinity) || 0);

/** Whether an entry with `a` seconds left ends later than one with `b`; 0 is no end. */
export const outlasts = (a: number, b: number): boolean => (a || Infinity) > (b || Infinity);

/**
 * Compares two readings of a set: `added` is what is new in `now` or was given more time, `gone` what only `before`
 * has.
 */
export function changesOf(
  before: TimedEntries,
  now: TimedEntries,
): { readonly added: TimedEntries; readonly gone: string[] } {
  const isAdded = ([entry, seconds]: [string, number]): boolean => {
    const had = before.get(entry);
    return had === undefined || outlasts(seconds, had);
  };
  return {
    added: new Map([...now].filter(isAdded)),
    gone: [...before.keys()].filter((entry) => !now.has(entry)),
  };
}

/**
 * Returns an entry that a person or program named in the words of `ipset save`; or, as `problem`, what it is to a
 * set of this shape, which does not take it: "no IPv4 address".
 */
export function parseEntry(
  { kind, family }: SetShape,
  text: string,
): { readonly entry: string } | { readonly problem: string } {
  if (kind === 'ports') return parsePorts(text);
  if (family === undefined || kind === 'connections' || kind === 'other')
    return { problem: 'nothing for such a set' };
  const entry = kind === 'addresses' && text.includes('/') ? undefined : normalNetwork(family, text);
  const thing = kind === 'addresses' ? 'address' : 'network';
  // A set of networks does not take the one of all addresses.
  return entry === undefined || entry.endsWith('/0') ? { problem: `no ${family.label} ${thing}` } : { entry };
}

/** "80" or "1000-2000". */
function parsePorts(text: string): { readonly entry: string } | { readonly problem: string } {
  const [, first, last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? [];
  const [from, to] = [Number(first), Number(last)];
  if (first === undefined || to > 65_535 || from > to) return { problem: 'no port' };
  return { entry: from === to ? String(from) : `${from}-${to}` };
}

/**
 * Returns a network in the words of `ipset save`, host bits cleared, and without its length where it is a single
 * address; undefined for any other text.
 */
export function normalNetwork(family: Family, text: string): string | undefined {
  const cidr = newCidr();
  if (!readNetwork(family, text, cidr)) return undefined;
  const address = family.format(cidr.words, 0);
  return cidr.length === family.bits ? address : `${address}/${cidr.length}`;
}
