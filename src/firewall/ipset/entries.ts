import { newCidr, parseCidr } from '../../ip/cidr.ts';
import type { Family } from '../../ip/family.ts';
import type { SetShape } from '../model.ts';
import { withoutDots } from './dotted-quad.ts';

/** Entries of a set whose entries come and go, each with the seconds it has left: 0 where it has no end. */
export type Entries = ReadonlyMap<string, number>;

/**
 * Reads what `ipset save` prints of one set, behind its first line:
 *
 *     add geofence-ban-4 192.0.2.1 timeout 3599
 */
export const parseEntries = (name: string, lines: readonly string[]): Entries =>
  new Map(
    lines.map((line) => {
      const [entry = '', ...options] = line.slice(`add ${name} `.length).split(' ');
      return [entry, Number(options[options.indexOf('timeout') + 1] ?? 0) || 0];
    }),
  );

/** Those with the least time first: where a netmask makes several one, the last one counts. */
export const byTimeLeft = (entries: Entries): [entry: string, seconds: number][] =>
  [...entries].sort(([, a], [, b]) => (a || Infinity) - (b || Infinity) || 0);

/** What is new in `now` or was given more time, and what is gone. */
export function changesOf(
  before: Entries,
  now: Entries,
): { readonly added: Entries; readonly gone: string[] } {
  const isAdded = ([entry, seconds]: [string, number]): boolean => {
    const had = before.get(entry);
    return had === undefined || (seconds || Infinity) > (had || Infinity);
  };
  return {
    added: new Map([...now].filter(isAdded)),
    gone: [...before.keys()].filter((entry) => !now.has(entry)),
  };
}

/** An entry in the words of `ipset save`, or what it should be instead: "no IPv4 address". */
export function parseEntry(
  { kind, family }: SetShape,
  text: string,
): { readonly entry: string } | { readonly wanted: string } {
  if (kind === 'ports') {
    const isPort = /^\d{1,5}$/.test(text) && Number(text) <= 65_535;
    return isPort ? { entry: String(Number(text)) } : { wanted: 'no port' };
  }
  if (family === undefined || kind === 'other') return { wanted: 'nothing for such a set' };
  const entry = kind === 'addresses' && text.includes('/') ? undefined : parseNetwork(family, text);
  const thing = kind === 'addresses' ? 'address' : 'network';
  // A set of networks does not take the one of all addresses.
  return entry === undefined || entry.endsWith('/0') ? { wanted: `no ${family.label} ${thing}` } : { entry };
}

/** A network without host bits, and without its length where it is a single address. */
export function parseNetwork(family: Family, text: string): string | undefined {
  const plain = withoutDots(text);
  const bytes = Buffer.from(plain.includes('/') ? plain : `${plain}/${family.bits}`);
  const cidr = newCidr();
  if (parseCidr(family, bytes, 0, bytes.length, cidr) !== undefined) return undefined;
  const address = family.format(cidr.words, 0);
  return cidr.length === family.bits ? address : `${address}/${cidr.length}`;
}
