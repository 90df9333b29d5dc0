/**
 * Unsigned integers of one 32-bit word (an IPv4 address) or four (IPv6), most significant word first. No BigInt is
 * made: for 250,000 prefixes they cost more than everything else together. `at`, `i` and `j` are the index of the first
 * word inside a larger array.
 *
 * The arrays are Int32Arrays, and only where order matters are the words read as unsigned: V8 holds every int32 in a
 * register, but makes an object of each uint32 from 2^31 on until the code is optimized, and optimizes it twice.
 */

/** With this bit flipped, signed comparison gives the order of unsigned words. */
const SIGN = 1 << 31;

/** Whether a word is below another, both read as unsigned. */
export const isBelow = (a: number, b: number): boolean => (a ^ SIGN) < (b ^ SIGN);

/** Returns -1, 0 or 1 as the number of `width` words at `a[i]` is below, equal to or above the one at `b[j]`. */
export function compareWords(a: Int32Array, i: number, b: Int32Array, j: number, width: number): number {
  for (let k = 0; k < width; k++) {
    const x = a[i + k]!;
    const y = b[j + k]!;
    if (x !== y) return isBelow(x, y) ? -1 : 1;
  }
  return 0;
}

/** Whether the first `length` bits of two numbers agree. */
export function sharesPrefix(a: Int32Array, b: Int32Array, length: number): boolean {
  for (let k = 0, left = length; left > 0; k++, left -= 32) {
    const mask = left >= 32 ? -1 : -1 << (32 - left);
    if (((a[k]! ^ b[k]!) & mask) !== 0) return false;
  }
  return true;
}

/** Adds 2^exponent to the number at words[at], in place, modulo 2^(32 × width). */
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

/** Returns how many of the lowest bits of four words are 0; 128 for the number 0. */
export function trailingZeros(words: Int32Array): number {
  const k = words.findLastIndex((word) => word !== 0);
  return k < 0 ? 128 : 32 * (3 - k) + 31 - Math.clz32(words[k]! & -words[k]!);
}

/**
 * Returns the whole part of log2(to − from) of numbers of four words, the subtraction being modulo 2^128: 128 for equal
 * numbers.
 */
export function log2Distance(from: Int32Array, to: Int32Array): number {
  let borrow = 0;
  let result = 128;
  for (let k = 3; k >= 0; k--) {
    const end = to[k]!;
    const start = from[k]!;
    const word = (end - start - borrow) | 0;
    if (end !== start) borrow = isBelow(end, start) ? 1 : 0;
    if (word !== 0) result = 32 * (3 - k) + 31 - Math.clz32(word);
  }
  return result;
}
