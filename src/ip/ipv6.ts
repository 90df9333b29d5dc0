import type { AddressParser, AddressWriter } from './family.ts';
import { COLON } from '../words/ascii.ts';

const NONE = 'not an IPv6 address';
const EIGHT = 'an IPv6 address has eight groups';

/** Returns the value of a hexadecimal digit in ASCII, or -1. */
export function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

function endOfGroup(bytes: Uint8Array, from: number, to: number): number {
  let end = from;
  while (end < to && hexDigit(bytes[end]!) >= 0) end++;
  return end;
}

/** The value of the hexadecimal digits in bytes[from, to), or -1 when they are none or more than four. */
function groupValue(bytes: Uint8Array, from: number, to: number): number {
  if (to === from || to - from > 4) return -1;
  let value = 0;
  for (let i = from; i < to; i++) value = value * 16 + hexDigit(bytes[i]!);
  return value;
}

const isGap = (bytes: Uint8Array, at: number, to: number): boolean =>
  at + 1 < to && bytes[at] === COLON && bytes[at + 1] === COLON;

/** Moves the groups from `gap` on to the end, for the zeros that "::" stands for; says why they are no address. */
function expandGap(words: Int32Array, gap: number, count: number): string | undefined {
  if (gap < 0) return count === 8 ? undefined : EIGHT;
  if (count === 8) return EIGHT;
  for (let from = count - 1, to = 7; from >= gap; from--, to--) {
    const value = (words[from >> 1]! >>> (from & 1 ? 0 : 16)) & 0xffff;
    words[from >> 1]! &= from & 1 ? 0xffff0000 : 0xffff;
    words[to >> 1]! |= to & 1 ? value : value << 16;
  }
  return undefined;
}

/**
 * Reads an IPv6 address (RFC 4291 section 2.2) into four words; returns why it cannot, undefined when it could. An
 * embedded dotted quad and a zone id are refused: neither has a place in a list of networks, and libraries disagree
 * about what they mean.
 */
export const parseIPv6: AddressParser = (bytes, from, to, words) => {
  words.fill(0, 0, 4);
  let count = 0;
  let gap = isGap(bytes, from, to) ? 0 : -1;
  let at = gap < 0 ? from : from + 2;
  while (at < to) {
    const end = endOfGroup(bytes, at, to);
    const value = groupValue(bytes, at, end);
    if (value < 0) return NONE;
    if (count === 8) return EIGHT;
    words[count >> 1]! |= count & 1 ? value : value << 16;
    count++;
    at = end;
    if (isGap(bytes, at, to)) {
      if (gap >= 0) return '"::" stands twice';
      gap = count;
      at += 2;
    } else if (at < to && (bytes[at++] !== COLON || at === to)) {
      return NONE;
    }
  }
  return expandGap(words, gap, count);
};

/**
 * Whether four words are an IPv4 address, in the last of them, as a socket for both families has it: ::ffff:192.0.2.1
 * (RFC 4291).
 */
export const isMappedIPv4 = (words: Int32Array): boolean =>
  words[0] === 0 && words[1] === 0 && words[2] === 0xffff;

/** One of the eight groups of 16 bits. */
const groupAt = (words: Int32Array, at: number, group: number): number =>
  (words[at + (group >> 1)]! >>> (group & 1 ? 0 : 16)) & 0xffff;

/** The first of the longest runs of zero groups, at least two of them, or an empty one beyond the last group. */
function longestZeros(words: Int32Array, at: number): { start: number; length: number } {
  const longest = { start: 8, length: 1 };
  for (let group = 0, run = 0; group < 8; group++) {
    run = groupAt(words, at, group) === 0 ? run + 1 : 0;
    if (run <= longest.length) continue;
    longest.length = run;
    longest.start = group - run + 1;
  }
  return longest;
}

/** Writes a number below 65536 in hexadecimal, lower case; returns where it ends. */
function writeHex(value: number, bytes: Uint8Array, to: number): number {
  let end = to;
  for (let shift = value > 0xfff ? 12 : value > 0xff ? 8 : value > 0xf ? 4 : 0; shift >= 0; shift -= 4) {
    const digit = (value >>> shift) & 15;
    bytes[end++] = digit + (digit < 10 ? 0x30 : 0x57);
  }
  return end;
}

/**
 * Writes the four words from `at` on in the canonical form of RFC 5952 (lower case, the first longest run of zeros as
 * "::") to bytes[to...]; returns where it ends.
 */
export const writeIPv6: AddressWriter = (words, at, bytes, to) => {
  if ((words[at + 2]! | words[at + 3]!) === 0) return writeFirstHalf(words, at, bytes, to);
  const zeros = longestZeros(words, at);
  let end = to;
  for (let group = 0; group < 8; group++) {
    if (group === zeros.start) {
      bytes[end++] = COLON;
      if (zeros.start + zeros.length === 8) bytes[end++] = COLON;
      group += zeros.length - 1;
      continue;
    }
    if (group > 0) bytes[end++] = COLON;
    end = writeHex(groupAt(words, at, group), bytes, end);
  }
  return end;
};

/**
 * The same of an address whose second half is 0, as in nearly all networks: no other run of zeros is longer than the one
 * at its end.
 */
function writeFirstHalf(words: Int32Array, at: number, bytes: Uint8Array, to: number): number {
  let groups = 4;
  while (groups > 0 && groupAt(words, at, groups - 1) === 0) groups--;
  let end = to;
  for (let group = 0; group < groups; group++) {
    end = writeHex(groupAt(words, at, group), bytes, end);
    bytes[end++] = COLON;
  }
  if (groups === 0) bytes[end++] = COLON;
  bytes[end] = COLON;
  return end + 1;
}
