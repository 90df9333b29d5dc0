import type { Cidr } from './cidr.ts';
import { maskHostBits } from './cidr.ts';
import type { Family } from './family.ts';
import { hexDigit } from './ipv6.ts';

/** What `scanLine` says of a line that has anything unusual about it. */
export const UNUSUAL = -1;

const LF = 0x0a;
const DOT = 0x2e;
const SLASH = 0x2f;
const ZERO = 0x30;
const COLON = 0x3a;

/**
 * Reads a line "ADDRESS/LENGTH" that starts at bytes[from] and ends with LF into `into`; returns where the next one
 * starts, or UNUSUAL.
 *
 * One pass, for the form that nearly all of 240,000 lines have: no blanks, no leading zeros, no host bits, of IPv6 only
 * addresses that end in "::". What it takes, `parseCidr` reads alike; what it does not take may still be fine, or
 * wrong, and is `parseCidr`'s to judge.
 */
export const scanLine = (family: Family, bytes: Uint8Array, from: number, into: Cidr): number =>
  family.version === 4 ? scanIPv4(bytes, from, into) : scanIPv6(bytes, from, into);

function scanIPv4(bytes: Uint8Array, from: number, into: Cidr): number {
  let word = 0;
  let dots = 0;
  let octet = 0;
  let digits = 0;
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte >= ZERO && byte < COLON) {
      octet = octet * 10 + byte - ZERO;
      digits++;
      continue;
    }
    if (octet > 255 || !isPlain(octet, digits)) return UNUSUAL;
    word = (word << 8) | octet;
    if (byte === SLASH && dots === 3) {
      into.words[0] = word;
      return scanLength(bytes, at + 1, 1, into);
    }
    if (byte !== DOT) return UNUSUAL;
    dots++;
    octet = 0;
    digits = 0;
  }
  return UNUSUAL;
}

function scanIPv6(bytes: Uint8Array, from: number, into: Cidr): number {
  const { words } = into;
  words.fill(0);
  let group = 0;
  let value = 0;
  let digits = 0;
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at]!;
    const digit = hexDigit(byte);
    if (digit >= 0) {
      value = (value << 4) | digit;
      digits++;
      continue;
    }
    if (byte !== COLON || digits === 0 || digits > 4 || group === 7) return UNUSUAL;
    words[group >> 1]! |= group & 1 ? value : value << 16;
    if (bytes[at + 1] === COLON) {
      return bytes[at + 2] === SLASH ? scanLength(bytes, at + 3, 4, into) : UNUSUAL;
    }
    group++;
    value = 0;
    digits = 0;
  }
  return UNUSUAL;
}

function scanLength(bytes: Uint8Array, from: number, width: number, into: Cidr): number {
  let length = 0;
  let at = from;
  while (bytes[at]! >= ZERO && bytes[at]! < COLON) length = length * 10 + bytes[at++]! - ZERO;
  if (bytes[at] !== LF || length > 32 * width || !isPlain(length, at - from)) return UNUSUAL;
  into.length = length;
  into.hadHostBits = maskHostBits(into.words, length, width);
  return into.hadHostBits ? UNUSUAL : at + 1;
}

/** Whether a number was written with as many digits as it needs: one to three. */
const isPlain = (value: number, digits: number): boolean => digits === (value < 10 ? 1 : value < 100 ? 2 : 3);
