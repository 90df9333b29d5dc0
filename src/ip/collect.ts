import type { Bounds } from './bounds.ts';
import { boundsOfPrefix, union, unionAll } from './bounds.ts';
import type { Family } from './family.ts';
import { HIGH, LENGTH_MASK, LONGEST_KEY, LOW, SIZE_HIGH, SIZE_LOW } from './key.ts';
import { isBelow, sharesPrefix } from './words.ts';

/** "1::/8" and a newline. */
const SHORTEST_LINE = 6;
/** How many networks there is room for from the start: an empty set of exceptions needs none, a zone reserves its own. */
const FEW = 64;

/**
 * Collects networks in any order and merges them into Bounds.
 *
 * The keys are written as pairs of int32 into the memory of a BigUint64Array, whose `sort()` without a comparator is
 * native code: no BigInt is ever made. Sorting by network, then length, puts a covering network before what it covers.
 */
export class Collector {
  readonly family: Family;
  #keys: Int32Array<ArrayBuffer>;
  #count = 0;
  /** Networks longer than a key can say. */
  readonly #long: { readonly words: Int32Array; readonly length: number }[] = [];

  constructor(family: Family) {
    this.family = family;
    this.#keys = new Int32Array(2 * FEW);
  }

  /** How many networks were added. */
  get count(): number {
    return this.#count + this.#long.length;
  }

  /** Adds a network whose host bits are clear. */
  add(words: Int32Array, length: number): void {
    if (length > LONGEST_KEY) {
      this.#long.push({ words: words.slice(0, this.family.width), length });
      return;
    }
    const keys = this.#room(1);
    keys[HIGH] = words[0]!;
    keys[LOW] = this.family.width === 1 ? length : words[1]! | length;
    this.#count++;
  }

  /**
   * Room for the keys of as many networks as `bytes` of lines can hold; `take` adds those written there. What is never
   * written to costs no memory.
   */
  reserve(bytes: number): Int32Array {
    return this.#room(Math.ceil(bytes / SHORTEST_LINE));
  }

  /** Adds the first `count` networks of the room reserved. */
  take(count: number): void {
    this.#count += count;
  }

  /** Room for the keys of so many networks more. */
  #room(count: number): Int32Array {
    const needed = 2 * (this.#count + count);
    if (needed > this.#keys.length) {
      const keys = new Int32Array(Math.max(2 * this.#keys.length, needed));
      keys.set(this.#keys.subarray(0, 2 * this.#count));
      this.#keys = keys;
    }
    return this.#keys.subarray(2 * this.#count);
  }

  /** The set of everything added so far. */
  bounds(): Bounds {
    new BigUint64Array(this.#keys.buffer, 0, this.#count).sort();
    const merged = { family: this.family, words: mergeSorted(this.family, this.#keys, this.#count) };
    const long = this.#long.map(({ words, length }) => boundsOfPrefix(this.family, words, length));
    return union(merged, unionAll(this.family, long));
  }

  /** The prefix length of the longest network added that holds the address, or undefined. */
  longestPrefix(address: Int32Array): number | undefined {
    let longest: number | undefined;
    const consider = (words: Int32Array, length: number): void => {
      if (length >= (longest ?? 0) && sharesPrefix(words, address, length)) longest = length;
    };
    for (const { words, length } of this.#long) consider(words, length);
    const words = new Int32Array(2);
    for (let i = 0; i < 2 * this.#count; i += 2) {
      const low = this.#keys[i + LOW]!;
      words[0] = this.#keys[i + HIGH]!;
      words[1] = low & ~LENGTH_MASK;
      consider(words, low & LENGTH_MASK);
    }
    return longest;
  }
}

/**
 * Merges sorted keys into boundaries: each network begins a new range, or lies in the last one or stretches it.
 *
 * Only the first 64 bits matter: of IPv6 the rest is 0 in every key, and an IPv4 address is taken for one with 32 zeros
 * behind it. So one piece of code serves both, without a loop over words.
 */
function mergeSorted({ width }: Family, keys: Int32Array, count: number): Int32Array {
  const words = new Int32Array(2 * count * width);
  // An IPv4 boundary has no second word: its place is the one of the first, which is written after it.
  const second = width > 1 ? 1 : 0;
  let size = 0;
  let lastHigh = 0;
  let lastLow = 0;
  for (let i = 0; i < 2 * count; i += 2) {
    const high = keys[i + HIGH]!;
    const low = keys[i + LOW]! & ~LENGTH_MASK;
    const length = keys[i + LOW]! & LENGTH_MASK;
    const endLow = (low + SIZE_LOW[length]!) | 0;
    const endHigh = (high + SIZE_HIGH[length]! + (isBelow(endLow, low) ? 1 : 0)) | 0;
    const touches = size > 0 && !isLower(lastHigh, lastLow, high, low);
    if (!touches) {
      words[size + second] = low;
      words[size] = high;
      size += 2 * width;
    }
    // The end wrapped round: the range reaches the end of the address space, and so holds all that follows.
    if (endHigh === 0 && endLow === 0) return words.subarray(0, size - width);
    if (touches && !isLower(lastHigh, lastLow, endHigh, endLow)) continue;
    words[size - width + second] = endLow;
    words[size - width] = endHigh;
    lastHigh = endHigh;
    lastLow = endLow;
  }
  return words.subarray(0, size);
}

/** Whether the unsigned number of two words is below the other. */
const isLower = (high: number, low: number, otherHigh: number, otherLow: number): boolean =>
  high === otherHigh ? isBelow(low, otherLow) : isBelow(high, otherHigh);
