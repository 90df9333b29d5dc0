import type { Prefixes } from './prefixes.ts';
import { addPowerOfTwo } from './words.ts';

/** How many networks a list has of each prefix length: counts[length]. */
type LengthCounts = readonly number[];

/** Which prefix lengths are kept, ascending, and how many networks there are then. */
export interface Reduction {
  readonly lengths: readonly number[];
  readonly networks: number;
}

/**
 * The fewest prefix lengths that the networks can be split into, with at most `extra` (a share, 0.1 for a tenth) more
 * networks than before.
 *
 * A lookup in a hash:net set probes every prefix length that occurs in it, so fewer lengths make every packet cheaper.
 * Each length goes to the next kept one: one of length i becomes 2^(j-i) of length j. Dynamic programming over the
 * lengths finds the best choice for each number of kept ones; with at most 128 lengths that is nothing.
 */
export function chooseLengths({ family, lengths: all }: Prefixes, extra: number): Reduction {
  const counts: number[] = Array.from({ length: family.bits + 1 }, () => 0);
  for (const length of all) counts[length]!++;
  const present = [...counts.keys()].filter((length) => counts[length]! > 0);
  const limit = all.length * (1 + extra);
  let row = firstRow(counts, present);
  while ((row.at(-1)?.networks ?? 0) > limit) row = nextRow(counts, present, row);
  return row.at(-1) ?? { lengths: [], networks: 0 };
}

/** For each i the best way to keep one length for present[0...i]: the longest, which is present[i]. */
const firstRow = (counts: LengthCounts, present: readonly number[]): Reduction[] =>
  present.map((kept, i) => ({
    lengths: [kept],
    networks: splitCount(counts, present.slice(0, i + 1), kept),
  }));

/** The same with one length more: for the shorter ones what `row` found best, for the others present[i]. */
const nextRow = (counts: LengthCounts, present: readonly number[], row: readonly Reduction[]): Reduction[] =>
  present.map((kept, i) => {
    let best = row[i]!;
    let split = counts[kept]!;
    for (let j = i - 1; j >= 0; j--) {
      const shorter = row[j]!;
      const networks = shorter.networks + split;
      if (networks < best.networks) best = { lengths: [...shorter.lengths, kept], networks };
      split += splitCount(counts, [present[j]!], kept);
    }
    return best;
  });

/** How many networks of length `kept` those of some shorter lengths become. */
const splitCount = (counts: LengthCounts, lengths: readonly number[], kept: number): number =>
  lengths.reduce((sum, length) => sum + counts[length]! * 2 ** (kept - length), 0);

/** The same addresses in networks of the kept lengths only. */
export function splitPrefixes(list: Prefixes, { lengths: kept, networks }: Reduction): Prefixes {
  const { family, words, lengths } = list;
  if (networks === lengths.length) return list;
  const { width, bits } = family;
  const target = Array.from({ length: bits + 1 }, (_, length) =>
    kept.find((candidate) => candidate >= length),
  );
  const result = { family, words: new Int32Array(networks * width), lengths: new Uint8Array(networks) };
  let count = 0;
  for (let i = 0; i < lengths.length; i++) {
    const length = target[lengths[i]!]!;
    for (let part = 0; part < 2 ** (length - lengths[i]!); part++, count++) {
      const [source, at] = part === 0 ? [words, i * width] : [result.words, (count - 1) * width];
      for (let k = 0; k < width; k++) result.words[count * width + k] = source[at + k]!;
      if (part > 0) addPowerOfTwo(result.words, count * width, width, bits - length);
      result.lengths[count] = length;
    }
  }
  return result;
}
