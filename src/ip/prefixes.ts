import type { Bounds } from './bounds.ts';
import { boundariesBelow } from './bounds.ts';
import type { Family } from './family.ts';
import { SIZE_HIGH, SIZE_LOW } from './key.ts';
import { addPowerOfTwo, compareWords, isBelow, log2Distance, trailingZeros } from './words.ts';

/** Disjoint networks in ascending order: `family.width` words and one prefix length each. */
export interface Prefixes {
  readonly family: Family;
  readonly words: Int32Array;
  readonly lengths: Uint8Array;
}

/** A Prefixes under construction, with room for more at its end. */
interface Draft {
  words: Int32Array;
  lengths: Uint8Array;
  count: number;
}

const newDraft = (width: number, capacity: number): Draft => ({
  words: new Int32Array(capacity * width),
  lengths: new Uint8Array(capacity),
  count: 0,
});

/** Twice the room. */
function grow(draft: Draft): void {
  const { words, lengths } = draft;
  draft.words = new Int32Array(words.length * 2);
  draft.words.set(words);
  draft.lengths = new Uint8Array(lengths.length * 2);
  draft.lengths.set(lengths);
}

/** More networks than a range of 64 bits can need: 63 up to its middle, and 63 beyond. */
const MOST_OF_64 = 128;

const known = new WeakMap<Bounds, Prefixes>();

/**
 * Returns the fewest CIDRs that cover exactly the set, ascending; worked out once for a set, for scripts and reports
 * both ask for them.
 */
export function prefixes(bounds: Bounds): Prefixes {
  const result = known.get(bounds) ?? cover(bounds);
  known.set(bounds, result);
  return result;
}

/** From each start, again and again, the largest network that is aligned there and does not reach beyond the end. */
function cover({ family, words: ends }: Bounds): Prefixes {
  const { width } = family;
  const draft = newDraft(width, Math.max(2 * MOST_OF_64, (2 * ends.length) / width));
  for (let i = 0; i < ends.length; i += 2 * width) {
    if (draft.count + MOST_OF_64 > draft.lengths.length) grow(draft);
    if (width === 1 || isWithin64(ends, i)) cover64(ends, i, width, draft);
    else cover128(ends, i, draft);
  }
  return {
    family,
    words: draft.words.subarray(0, draft.count * width),
    lengths: draft.lengths.subarray(0, draft.count),
  };
}

/** Whether a range of IPv6 consists of whole /64s. */
const isWithin64 = (ends: Int32Array, i: number): boolean =>
  (ends[i + 2]! | ends[i + 3]!) === 0 && (i + 4 >= ends.length || (ends[i + 6]! | ends[i + 7]!) === 0);

/**
 * Covers the range at ends[i] of which only the first 64 bits matter: nearly every one of IPv6, and of IPv4 each, with
 * 32 zeros behind it.
 */
function cover64(ends: Int32Array, i: number, width: number, draft: Draft): void {
  const { words, lengths } = draft;
  // See `mergeSorted`.
  const second = width > 1 ? 1 : 0;
  const hasEnd = i + width < ends.length;
  const endHigh = hasEnd ? ends[i + width]! : 0;
  const endLow = hasEnd ? ends[i + width + second]! & -second : 0;
  let high = ends[i]!;
  let low = ends[i + second]! & -second;
  do {
    const length = 64 - hostBits(high, low, endHigh, endLow);
    words[draft.count * width + second] = low;
    words[draft.count * width] = high;
    lengths[draft.count++] = length;
    const next = (low + SIZE_LOW[length]!) | 0;
    high = (high + SIZE_HIGH[length]! + (isBelow(next, low) ? 1 : 0)) | 0;
    low = next;
  } while (high !== endHigh || low !== endLow);
}

/**
 * How many bits of 64 the largest network has for hosts that is aligned at the address and does not reach beyond the
 * end; equal ones are 2^64 apart.
 */
function hostBits(high: number, low: number, endHigh: number, endLow: number): number {
  const left = (endHigh - high - (isBelow(endLow, low) ? 1 : 0)) | 0;
  const aligned = low === 0 ? topBit(high & -high, 0) : topBit(0, low & -low);
  return Math.min(aligned, topBit(left, (endLow - low) | 0));
}

/** The place of the highest bit that is set in a number of 64 bits; 64 for 0, which stands for 2^64. */
const topBit = (high: number, low: number): number =>
  high !== 0 ? 63 - Math.clz32(high) : low !== 0 ? 31 - Math.clz32(low) : 64;

/** Covers any range of IPv6. */
function cover128(ends: Int32Array, i: number, draft: Draft): void {
  const cursor = ends.slice(i, i + 4);
  const limit = i + 4 < ends.length ? ends.slice(i + 4, i + 8) : new Int32Array(4);
  do {
    const bits = Math.min(trailingZeros(cursor), log2Distance(cursor, limit));
    if (draft.count === draft.lengths.length) grow(draft);
    draft.words.set(cursor, 4 * draft.count);
    draft.lengths[draft.count++] = 128 - bits;
    addPowerOfTwo(cursor, 0, 4, bits);
  } while (compareWords(cursor, 0, limit, 0, 4) !== 0);
}

/** Returns how many CIDRs prefixes() gives. */
export const countPrefixes = (bounds: Bounds): number => prefixes(bounds).lengths.length;

/** Returns the text of the network at `index` of a list: "192.0.2.0/24". */
export const formatPrefix = ({ family, words, lengths }: Prefixes, index: number): string =>
  `${family.format(words, index * family.width)}/${lengths[index]}`;

/** Returns the fewest CIDRs that cover a set as texts, in ascending order. */
export function formatBounds(bounds: Bounds): string[] {
  const list = prefixes(bounds);
  return Array.from(list.lengths, (_, index) => formatPrefix(list, index));
}

/**
 * Returns, as text, the network that holds an address among the fewest CIDRs of the set; undefined when the address is
 * not in it.
 */
export function coveringPrefix(bounds: Bounds, address: Int32Array): string | undefined {
  const { family, words } = bounds;
  const below = boundariesBelow(bounds, address);
  if ((below & 1) === 0) return undefined;
  const range = { family, words: words.subarray((below - 1) * family.width, (below + 1) * family.width) };
  const list = prefixes(range);
  let index = list.lengths.length - 1;
  while (compareWords(list.words, index * family.width, address, 0, family.width) > 0) index--;
  return formatPrefix(list, index);
}
