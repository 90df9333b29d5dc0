import type { Family } from './family.ts';
import { addPowerOfTwo, compareWords } from './words.ts';

/**
 * A set of addresses of one family as sorted, strictly increasing boundaries [from0, end0, from1, end1, ...], half-open.
 * The empty set is []. A last range that runs to the end of the address space has no end (2^32 and 2^128 do not fit
 * their words), so membership is the parity of the boundaries at or below an address, and set algebra needs no
 * special case.
 */
export interface Bounds {
  readonly family: Family;
  /** `family.width` words per boundary. */
  readonly words: Uint32Array;
}

export const emptyBounds = (family: Family): Bounds => ({ family, words: new Uint32Array(0) });

export const isEmpty = (bounds: Bounds): boolean => bounds.words.length === 0;

/** One sweep over the boundaries of both; `keep` says whether what lies in a, in b or in both belongs to the result. */
function combine(a: Bounds, b: Bounds, keep: (inA: boolean, inB: boolean) => boolean): Bounds {
  const { width } = a.family;
  const words = new Uint32Array(a.words.length + b.words.length);
  let i = 0;
  let j = 0;
  let inA = false;
  let inB = false;
  let inside = false;
  let length = 0;
  while (i < a.words.length || j < b.words.length) {
    const order = nextOrder(a, i, b, j);
    const source = order <= 0 ? a.words : b.words;
    let at = order <= 0 ? i : j;
    if (order <= 0) {
      inA = !inA;
      i += width;
    }
    if (order >= 0) {
      inB = !inB;
      j += width;
    }
    if (keep(inA, inB) === inside) continue;
    inside = !inside;
    for (let k = 0; k < width; k++) words[length++] = source[at++]!;
  }
  return { family: a.family, words: words.subarray(0, length) };
}

function nextOrder(a: Bounds, i: number, b: Bounds, j: number): number {
  if (i >= a.words.length) return 1;
  if (j >= b.words.length) return -1;
  return compareWords(a.words, i, b.words, j, a.family.width);
}

/** Without a sweep where one of them is empty: most zones have nothing for the slow path of the collector. */
export function union(a: Bounds, b: Bounds): Bounds {
  if (isEmpty(b)) return a;
  return isEmpty(a) ? b : combine(a, b, (inA, inB) => inA || inB);
}

/** The union of many sets, in pairs: n sets of one range each take n log n steps. */
export function unionAll(family: Family, sets: readonly Bounds[]): Bounds {
  let rest = sets;
  while (rest.length > 1) {
    const pairs = [];
    for (let i = 0; i < rest.length; i += 2) pairs.push(union(rest[i]!, rest[i + 1] ?? emptyBounds(family)));
    rest = pairs;
  }
  return rest[0] ?? emptyBounds(family);
}

export const intersect = (a: Bounds, b: Bounds): Bounds => combine(a, b, (inA, inB) => inA && inB);
export const subtract = (a: Bounds, b: Bounds): Bounds => combine(a, b, (inA, inB) => inA && !inB);

/** Whether both hold the same addresses. */
export function equalBounds(a: Bounds, b: Bounds): boolean {
  return (
    a.family === b.family &&
    a.words.length === b.words.length &&
    a.words.every((word, i) => word === b.words[i])
  );
}

/** The number of boundaries at or below an address; odd when it is inside. */
export function boundariesBelow(bounds: Bounds, address: Uint32Array): number {
  const { width } = bounds.family;
  let low = 0;
  let high = bounds.words.length / width;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareWords(bounds.words, middle * width, address, 0, width) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

export const contains = (bounds: Bounds, address: Uint32Array): boolean =>
  (boundariesBelow(bounds, address) & 1) === 1;

/**
 * How many addresses the set holds: exact for IPv4, rounded to a double for IPv6. Each range is subtracted word by
 * word: of two boundaries that were rounded first, nothing would be left of a /64.
 */
export function countAddresses({ family, words }: Bounds): number {
  const { width } = family;
  let count = 0;
  for (let i = 0; i < words.length; i += 2 * width) {
    const end = i + width;
    let size = end < words.length ? 0 : 1;
    for (let k = 0; k < width; k++) size = size * 2 ** 32 + (words[end + k] ?? 0) - words[i + k]!;
    count += size;
  }
  return count;
}

/** The set of one network. */
export function boundsOfPrefix(family: Family, network: Uint32Array, length: number): Bounds {
  const { width, bits } = family;
  const words = new Uint32Array(2 * width);
  words.set(network.subarray(0, width), 0);
  words.set(network.subarray(0, width), width);
  addPowerOfTwo(words, width, width, bits - length);
  // The end wrapped round to or below the start: the network reaches the end of the address space.
  const hasEnd = compareWords(words, width, words, 0, width) > 0;
  return { family, words: hasEnd ? words : words.subarray(0, width) };
}
