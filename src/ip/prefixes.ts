import type { Bounds } from './bounds.ts';
import { boundariesBelow } from './bounds.ts';
import type { Family } from './family.ts';
import { writeDecimal } from './ipv4.ts';
import { addPowerOfTwo, compareWords, log2Distance, trailingZeros } from './words.ts';

/** Disjoint networks in ascending order: `family.width` words and one prefix length each. */
export interface Prefixes {
  readonly family: Family;
  readonly words: Int32Array;
  readonly lengths: Uint8Array;
}

/** A Prefixes under construction: doubles its arrays when they are full. */
class Builder {
  words: Int32Array;
  lengths: Uint8Array;
  count = 0;
  readonly width: number;

  constructor(width: number, capacity: number) {
    this.width = width;
    this.words = new Int32Array(capacity * width);
    this.lengths = new Uint8Array(capacity);
  }

  push(words: Int32Array, length: number): void {
    if (this.count === this.lengths.length) this.grow();
    for (let k = 0; k < this.width; k++) this.words[this.count * this.width + k] = words[k]!;
    this.lengths[this.count++] = length;
  }

  grow(): void {
    const [words, lengths] = [this.words, this.lengths];
    this.words = new Int32Array(words.length * 2);
    this.words.set(words);
    this.lengths = new Uint8Array(lengths.length * 2);
    this.lengths.set(lengths);
  }
}

/**
 * The fewest CIDRs that cover exactly the set: from each start, again and again, the largest network that is aligned
 * there and does not reach beyond the end.
 */
export function prefixes(bounds: Bounds): Prefixes {
  const { family, words: ends } = bounds;
  const { width, bits } = family;
  const builder = new Builder(width, Math.max(16, ends.length / width));
  const cursor = new Int32Array(width);
  const zero = new Int32Array(width);
  for (let i = 0; i < ends.length; i += 2 * width) {
    const hasEnd = i + width < ends.length;
    const limit = hasEnd ? ends : zero;
    const to = hasEnd ? i + width : 0;
    for (let k = 0; k < width; k++) cursor[k] = ends[i + k]!;
    do {
      const aligned = trailingZeros(cursor, 0, width);
      const hostBits = Math.min(aligned, log2Distance(cursor, 0, limit, to, width));
      builder.push(cursor, bits - hostBits);
      addPowerOfTwo(cursor, 0, width, hostBits);
    } while (compareWords(cursor, 0, limit, to, width) !== 0);
  }
  return {
    family,
    words: builder.words.subarray(0, builder.count * width),
    lengths: builder.lengths.subarray(0, builder.count),
  };
}

/** How many CIDRs `prefixes` gives. */
export const countPrefixes = (bounds: Bounds): number => prefixes(bounds).lengths.length;

const SLASH = 0x2f;
/** Longer than the text of any network. */
export const LONGEST_PREFIX = 48;
const decoder = new TextDecoder('latin1');

/** Writes the network at `index` to bytes[to...]; returns where it ends. */
export function writePrefix(
  { family, words, lengths }: Prefixes,
  index: number,
  bytes: Uint8Array,
  to: number,
): number {
  const end = family.write(words, index * family.width, bytes, to);
  bytes[end] = SLASH;
  return writeDecimal(lengths[index]!, bytes, end + 1);
}

/** The text of the network at `index`. */
export function formatPrefix(list: Prefixes, index: number): string {
  const bytes = new Uint8Array(LONGEST_PREFIX);
  return decoder.decode(bytes.subarray(0, writePrefix(list, index, bytes, 0)));
}

/** The texts of all networks of a set, in ascending order. */
export function formatBounds(bounds: Bounds): string[] {
  const list = prefixes(bounds);
  return Array.from(list.lengths, (_, index) => formatPrefix(list, index));
}

/** The network of the minimal CIDRs of the set that holds the address, or undefined when it is not inside. */
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
