import type { Prefixes } from './prefixes.ts';
import { addPowerOfTwo } from './words.ts';

/** Some prefix lengths, ascending, and how many networks there are when only these are kept. */
interface Choice {
  readonly lengths: readonly number[];
  readonly networks: number;
}

/** The prefix lengths that are kept. */
export interface Reduction extends Choice {
  /** How many there were. */
  readonly from: number;
}

/**
 * Returns the fewest prefix lengths that the networks can be split into, with at most `budget` networks after it, or as
 * many as there are if that is more. Of the choices with as few lengths it is the one with the fewest networks.
 *
 * A lookup in a hash:net set probes every prefix length that occurs in it, so fewer lengths make every packet cheaper.
 * Each length goes to the next kept one: one of length i becomes 2^(j-i) of length j. Dynamic programming over the
 * lengths finds the best choice for each number of kept ones; with at most 128 lengths that is nothing.
 */
export function chooseLengths({ family, lengths }: Prefixes, budget: number): Reduction {
  const counts = countLengths(lengths, family.bits);
  const present = [...counts.keys()].filter((length) => counts[length]! > 0);
  const limit = Math.max(lengths.length, budget);
  let row = firstRow(counts, present);
  while ((row.at(-1)?.networks ?? 0) > limit) row = nextRow(counts, present, row);
  return { from: present.length, ...(row.at(-1) ?? { lengths: [], networks: 0 }) };
}

/** How many there are of each. A loop of its own, which is compiled alone, and not with all that is done after it. */
function countLengths(lengths: Uint8Array, longest: number): Int32Array {
  const counts = new Int32Array(longest + 1);
  for (let i = 0; i < lengths.length; i++) counts[lengths[i]!]!++;
  return counts;
}

/** For each i the best way to keep one length for present[0...i]: the longest, which is present[i]. */
function firstRow(counts: Int32Array, present: readonly number[]): Choice[] {
  let networks = 0;
  let last = 0;
  return present.map((kept) => {
    networks = networks * 2 ** (kept - last) + counts[kept]!;
    last = kept;
    return { lengths: [kept], networks };
  });
}

/** The same with one length more: for the shorter ones what `row` found best, for the others present[i]. */
const nextRow = (counts: Int32Array, present: readonly number[], row: readonly Choice[]): Choice[] =>
  present.map((kept, i) => {
    let networks = row[i]!.networks;
    let best = i;
    let split = counts[kept]!;
    for (let j = i - 1; j >= 0; j--) {
      if (row[j]!.networks + split < networks) {
        networks = row[j]!.networks + split;
        best = j;
      }
      split += counts[present[j]!]! * 2 ** (kept - present[j]!);
    }
    return best === i ? row[i]! : { lengths: [...row[best]!.lengths, kept], networks };
  });

/**
 * Returns the addresses of a list in networks of the kept lengths only, ascending; the list itself when nothing is to
 * be split.
 */
export function splitPrefixes(list: Prefixes, { lengths: kept, networks }: Reduction): Prefixes {
  const { family, words, lengths } = list;
  if (networks === lengths.length) return list;
  const { width, bits } = family;
  const target = Uint8Array.from(
    { length: bits + 1 },
    (_, length) => kept.find((candidate) => candidate >= length) ?? length,
  );
  const result = { family, words: new Int32Array(networks * width), lengths: new Uint8Array(networks) };
  let to = 0;
  for (let from = 0; ;) {
    const i = endOfKept(lengths, target, from);
    // What stays as it is goes over in one piece.
    result.words.set(words.subarray(from * width, i * width), to * width);
    result.lengths.set(lengths.subarray(from, i), to);
    to += i - from;
    if (i === lengths.length) return result;
    from = i + 1;
    const length = target[lengths[i]!]!;
    const network = words.slice(i * width, (i + 1) * width);
    for (let parts = 2 ** (length - lengths[i]!); parts > 0; parts--) {
      result.words.set(network, to * width);
      result.lengths[to++] = length;
      addPowerOfTwo(network, 0, width, bits - length);
    }
  }
}

/** Where the first network stands, from there on, that is to be split. */
function endOfKept(lengths: Uint8Array, target: Uint8Array, from: number): number {
  let end = from;
  while (end < lengths.length && target[lengths[end]!] === lengths[end]) end++;
  return end;
}
