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
  readonly words: Int32Array;
}

/** The set without any address. */
export const emptyBounds = (family: Family): Bounds => ({ family, words: new Int32Array(0) });

/** The set of every address of a family. */
export const wholeSpace = (family: Family): Bounds => ({ family, words: new Int32Array(family.width) });

/** Whether a set holds no address. */
export const isEmpty = (bounds: Bounds): boolean => bounds.words.length === 0;

/**
 * One sweep over the boundaries of both; `keep` says whether what lies in a, in b or in both belongs to the result.
 * Boundaries of one that lie between two of the other are taken at once: often one has very few.
 */
function combine(a: Bounds, b: Bounds, keep: (inA: boolean, inB: boolean) => boolean): Bounds {
  const { width } = a.family;
  const words = new Int32Array(a.words.length + b.words.length);
  let i = 0;
  let j = 0;
  let inA = false;
  let inB = false;
  let length = 0;
  const copy = ({ words: source }: Bounds, from: number, end: number): void => {
    words.set(source.subarray(from, end), length);
    length += end - from;
  };
  while (i < a.words.length || j < b.words.length) {
    const order = nextOrder(a, i, b, j);
    if (order < 0) {
      const end = endOfRun(a, i, b, j);
      if (keep(true, inB) !== keep(false, inB)) copy(a, i, end);
      if ((((end - i) / width) & 1) === 1) inA = !inA;
      i = end;
    } else if (order > 0) {
      const end = endOfRun(b, j, a, i);
      if (keep(inA, true) !== keep(inA, false)) copy(b, j, end);
      if ((((end - j) / width) & 1) === 1) inB = !inB;
      j = end;
    } else {
      if (keep(inA, inB) !== keep(!inA, !inB)) copy(a, i, i + width);
      inA = !inA;
      inB = !inB;
      i += width;
      j += width;
    }
  }
  return { family: a.family, words: words.subarray(0, length) };
}

function nextOrder(a: Bounds, i: number, b: Bounds, j: number): number {
  if (i >= a.words.length) return 1;
  if (j >= b.words.length) return -1;
  return compareWords(a.words, i, b.words, j, a.family.width);
}

/** The end of the boundaries of `a` from i on that are below the one of `b` at j; the first of them is known to be. */
function endOfRun(a: Bounds, i: number, b: Bounds, j: number): number {
  const { width } = a.family;
  if (j >= b.words.length) return a.words.length;
  const isBelow = (at: number): boolean =>
    at < a.words.length && compareWords(a.words, at, b.words, j, width) < 0;
  let below = i;
  let step = width;
  // Doubling steps: a run is mostly very short, or very long.
  for (; isBelow(below + step); step *= 2) below += step;
  let end = below + step;
  while (end - below > width) {
    const middle = below + ((end - below) / width / 2) * width;
    if (isBelow(middle)) below = middle;
    else end = middle;
  }
  return end;
}

/**
 * Returns what is in a or b, of one family; without a sweep where one of them is empty: most zones have nothing for the
 * slow path of the collector.
 */
export function union(a: Bounds, b: Bounds): Bounds {
  if (isEmpty(b)) return a;
  return isEmpty(a) ? b : combine(a, b, (inA, inB) => inA || inB);
}

/** Returns the union of many sets of a family, made in pairs: n sets of one range each take n log n steps. */
export function unionAll(family: Family, sets: readonly Bounds[]): Bounds {
  let rest = sets;
  while (rest.length > 1) {
    const pairs = [];
    for (let i = 0; i < rest.length; i += 2) pairs.push(union(rest[i]!, rest[i + 1] ?? emptyBounds(family)));
    rest = pairs;
  }
  return rest[0] ?? emptyBounds(family);
}

/** Returns what is in a and in b, of one family. */
export const intersect = (a: Bounds, b: Bounds): Bounds => combine(a, b, (inA, inB) => inA && inB);
/** Returns what is in a and not in b, of one family. */
export const subtract = (a: Bounds, b: Bounds): Bounds =>
  isEmpty(b) ? a : combine(a, b, (inA, inB) => inA && !inB);

const bytesOf = ({ words }: Bounds): Buffer => Buffer.from(words.buffer, words.byteOffset, words.byteLength);

/** Whether two sets are of one family and hold the same addresses. */
export function equalBounds(a: Bounds, b: Bounds): boolean {
  return a.family === b.family && bytesOf(a).equals(bytesOf(b));
}

/** Returns the number of boundaries at or below an address; odd when the address is in the set. */
export function boundariesBelow(bounds: Bounds, address: Int32Array): number {
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

/** Whether a set holds an address of its family. */
export const contains = (bounds: Bounds, address: Int32Array): boolean =>
  (boundariesBelow(bounds, address) & 1) === 1;

/**
 * Returns how many addresses the set holds: exact for IPv4, rounded to a double for IPv6. Each range is subtracted word
 * by word: of two boundaries that were rounded first, nothing would be left of a /64.
 */
export function countAddresses({ family, words }: Bounds): number {
  const { width } = family;
  let count = 0;
  for (let i = 0; i < words.length; i += 2 * width) {
    const end = i + width;
    let size = end < words.length ? 0 : 1;
    for (let k = 0; k < width; k++)
      size = size * 2 ** 32 + ((words[end + k] ?? 0) >>> 0) - (words[i + k]! >>> 0);
    count += size;
  }
  return count;
}

/** Returns the set of one network, whose host bits must be clear. */
export function boundsOfPrefix(family: Family, network: Int32Array, length: number): Bounds {
  const { width, bits } = family;
  const words = new Int32Array(2 * width);
  words.set(network.subarray(0, width), 0);
  words.set(network.subarray(0, width), width);
  addPowerOfTwo(words, width, width, bits - length);
  // The end wrapped round to or below the start: the network reaches the end of the address space.
  const hasEnd = compareWords(words, width, words, 0, width) > 0;
  return { family, words: hasEnd ? words : words.subarray(0, width) };
}
