import type { Bounds } from './bounds.ts';
import { boundariesBelow } from './bounds.ts';
import type { Family } from './family.ts';
import { compareWords } from './words.ts';

/**
 * The addresses of a family cut into intervals, each with a number below 65536. Neighbours have different ones; what
 * lies below the first boundary has 0.
 */
export interface RangeMap {
  readonly family: Family;
  /** Where each interval begins, strictly increasing, `family.width` words each. */
  readonly words: Int32Array;
  readonly values: Uint16Array;
}

/** Returns a map in which the addresses of a set have `value`, and all others 0. */
export const mapOf = ({ family, words }: Bounds, value: number): RangeMap => ({
  family,
  words,
  values: Uint16Array.from({ length: words.length / family.width }, (_, i) => (i % 2 === 0 ? value : 0)),
});

/**
 * Merges two maps of a family in one sweep: `combine` makes the number of each address out of its numbers in `a` and
 * `b`, and must make 0 of two zeros.
 */
export function merge(a: RangeMap, b: RangeMap, combine: (inA: number, inB: number) => number): RangeMap {
  const { width } = a.family;
  const words = new Int32Array(a.words.length + b.words.length);
  const values = new Uint16Array(words.length / width);
  let [i, j, count, inA, inB, last] = [0, 0, 0, 0, 0, 0];
  while (i < a.values.length || j < b.values.length) {
    const order = compareBoundaries(a, i, b, j);
    const source = order <= 0 ? a.words : b.words;
    const at = (order <= 0 ? i : j) * width;
    if (order <= 0) inA = a.values[i++]!;
    if (order >= 0) inB = b.values[j++]!;
    const value = combine(inA, inB);
    if (value === last) continue;
    for (let k = 0; k < width; k++) words[count * width + k] = source[at + k]!;
    values[count++] = value;
    last = value;
  }
  return { family: a.family, words: words.subarray(0, count * width), values: values.subarray(0, count) };
}

function compareBoundaries(a: RangeMap, i: number, b: RangeMap, j: number): number {
  if (i >= a.values.length) return 1;
  if (j >= b.values.length) return -1;
  return compareWords(a.words, i * a.family.width, b.words, j * a.family.width, a.family.width);
}

/**
 * Lays sets over each other, the first on top: an address has the place, from 1, of the first set that holds it, and 0
 * without one. Made in pairs: n sets of one range each take n log n steps.
 */
export function layer(family: Family, sets: readonly Bounds[]): RangeMap {
  let rest = sets.map((bounds, i) => mapOf(bounds, i + 1));
  const none: RangeMap = { family, words: new Int32Array(0), values: new Uint16Array(0) };
  while (rest.length > 1) {
    const pairs = [];
    for (let i = 0; i < rest.length; i += 2)
      pairs.push(merge(rest[i]!, rest[i + 1] ?? none, (a, b) => a || b));
    rest = pairs;
  }
  return rest[0] ?? none;
}

/** Returns the number of an address. */
export const valueAt = (labels: RangeMap, address: Int32Array): number =>
  labels.values[boundariesBelow(labels, address) - 1] ?? 0;
