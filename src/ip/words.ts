/**
 * Unsigned integers of one 32-bit word (an IPv4 address) or four (IPv6), most significant word first, inside larger
 * arrays. One piece of code serves both families, and no BigInt is made: for 250,000 prefixes they cost more than
 * everything else together. `at` is always the index of the first word.
 *
 * The arrays are Int32Arrays, and only where order matters are the words read as unsigned: V8 holds every int32 in a
 * register, but makes an object of each uint32 from 2^31 on until the code is optimized, and optimizes it twice.
 */

/** With this bit flipped, signed comparison gives the order of unsigned words. */
const SIGN = 1 << 31;

const isBelow = (a: number, b: number): boolean => (a ^ SIGN) < (b ^ SIGN);

/** Negative, zero or positive as the number at `a[i]` is below, equal to or above the one at `b[j]`. */
export function compareWords(a: Int32Array, i: number, b: Int32Array, j: number, width: number): number {
  for (let k = 0; k < width; k++) {
    const x = a[i + k]!;
    const y = b[j + k]!;
    if (x !== y) return isBelow(x, y) ? -1 : 1;
  }
  return 0;
}

/** How many of the lowest bits are 0; all bits for the number 0. */
export function trailingZeros(words: Int32Array, at: number, width: number): number {
  for (let k = width - 1; k >= 0; k--) {
    const word = words[at + k]!;
    if (word !== 0) return (width - 1 - k) * 32 + 31 - Math.clz32(word & -word);
  }
  return width * 32;
}

/** Adds 2^exponent in place, modulo 2^(32 × width). */
export function addPowerOfTwo(words: Int32Array, at: number, width: number, exponent: number): void {
  let power = 1 << (exponent & 31);
  for (let k = width - 1 - (exponent >>> 5); k >= 0; k--) {
    const before = words[at + k]!;
    const after = (before + power) | 0;
    words[at + k] = after;
    if (isBelow(before, after)) return;
    power = 1; // the carry
  }
}

/**
 * The whole part of log2(to − from), the subtraction being modulo 2^(32 × width): equal numbers are a whole address
 * space apart, so `to = 0` stands for the end of the space.
 */
export function log2Distance(
  words: Int32Array,
  from: number,
  ends: Int32Array,
  to: number,
  width: number,
): number {
  let borrow = 0;
  let result = width * 32;
  for (let k = width - 1; k >= 0; k--) {
    const end = ends[to + k]!;
    const start = words[from + k]!;
    const word = (end - start - borrow) | 0;
    if (end !== start) borrow = isBelow(end, start) ? 1 : 0;
    if (word !== 0) result = (width - 1 - k) * 32 + 31 - Math.clz32(word);
  }
  return result;
}
