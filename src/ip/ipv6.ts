import type { AddressParser } from './family.ts';

const COLON = 0x3a;

/** The value of a hexadecimal digit, or -1. */
function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

/** Moves the hextets from `gap` on to the end, for the zeros that "::" stands for. */
function expandGap(words: Uint32Array, gap: number, count: number): void {
  for (let from = count - 1, to = 7; from >= gap; from--, to--) {
    const value = (words[from >> 1]! >>> (from & 1 ? 0 : 16)) & 0xffff;
    words[from >> 1]! &= from & 1 ? 0xffff0000 : 0xffff;
    words[to >> 1]! |= to & 1 ? value : value << 16;
  }
}

/**
 * Reads an IPv6 address (RFC 4291 section 2.2) into four words. An embedded dotted quad and a zone id are refused:
 * neither has a place in a list of networks, and libraries disagree about what they mean.
 */
export const parseIPv6: AddressParser = (bytes, from, to, words) => {
  words.fill(0, 0, 4);
  let count = 0;
  let gap = -1;
  let i = from;
  if (bytes[i] === COLON && i + 1 < to && bytes[i + 1] === COLON) {
    gap = 0;
    i += 2;
  }
  while (i < to) {
    let value = 0;
    const start = i;
    for (let digit; i < to && (digit = hexDigit(bytes[i]!)) >= 0; i++) value = value * 16 + digit;
    if (i === start || i - start > 4) return 'not an IPv6 address';
    if (count === 8) return 'an IPv6 address has eight groups';
    words[count >> 1]! |= count & 1 ? value : value << 16;
    count++;
    if (i === to) break;
    if (bytes[i++] !== COLON || i === to) return 'not an IPv6 address';
    if (bytes[i] === COLON) {
      if (gap >= 0) return '"::" stands twice';
      gap = count;
      i++;
    }
  }
  if (gap < 0 ? count !== 8 : count > 7) return 'an IPv6 address has eight groups';
  if (gap >= 0 && gap < count) expandGap(words, gap, count);
  return undefined;
};

/** Writes the four words at `at` in the canonical form of RFC 5952: lower case, the longest run of zeros as "::". */
export function formatIPv6(words: Uint32Array, at: number): string {
  const hextet = (i: number): number => (words[at + (i >> 1)]! >>> (i & 1 ? 0 : 16)) & 0xffff;
  let bestStart = -1;
  let bestLength = 1;
  for (let i = 0, run = 0; i < 8; i++) {
    run = hextet(i) === 0 ? run + 1 : 0;
    if (run > bestLength) {
      bestLength = run;
      bestStart = i - run + 1;
    }
  }
  let text = '';
  for (let i = 0; i < 8; i++) {
    if (i === bestStart) {
      text += '::';
      i += bestLength - 1;
    } else {
      text += (text === '' || text.endsWith(':') ? '' : ':') + hextet(i).toString(16);
    }
  }
  return text;
}
