import type { AddressParser, AddressWriter } from './family.ts';
import { DOT } from '../words/ascii.ts';

/**
 * Reads a dotted quad (RFC 6943 section 3.1.1, strict: four decimal octets, no leading zeros) into one word; returns
 * why it cannot, undefined when it could.
 */
export const parseIPv4: AddressParser = (bytes, from, to, words) => {
  let value = 0;
  let octet = 0;
  let digits = 0;
  let dots = 0;
  for (let i = from; i < to; i++) {
    const byte = bytes[i]!;
    const digit = byte - 0x30;
    if (digit >= 0 && digit <= 9) {
      if (digits > 0 && octet === 0) return 'an octet has a leading zero';
      octet = octet * 10 + digit;
      digits++;
      if (octet > 255) return 'an octet is above 255';
    } else if (byte === DOT) {
      if (digits === 0) return 'an octet is missing';
      value = (value << 8) | octet;
      octet = 0;
      digits = 0;
      dots++;
    } else {
      return 'not an IPv4 address';
    }
  }
  if (dots !== 3 || digits === 0) return 'an IPv4 address has four octets';
  words[0] = (value << 8) | octet;
  return undefined;
};

/** The decimal text of each octet: three bytes of ASCII, the first of them lowest, and above them how many it has. */
const octets = Int32Array.from({ length: 256 }, (_, octet) => {
  const text = String(octet);
  const [a, b, c] = [0, 1, 2].map((i) => text.charCodeAt(i) || 0) as [number, number, number];
  return a | (b << 8) | (c << 16) | (text.length << 24);
});

/** Writes a number below 256 in decimal to bytes[to...]; returns where it ends. Three bytes are written in any case. */
export function writeDecimal(value: number, bytes: Uint8Array, to: number): number {
  const text = octets[value]!;
  bytes[to] = text;
  bytes[to + 1] = text >> 8;
  bytes[to + 2] = text >> 16;
  return to + (text >> 24);
}

/** Writes the word at `at` as a dotted quad to bytes[to...]; returns where it ends. */
export const writeIPv4: AddressWriter = (words, at, bytes, to) => {
  const word = words[at]!;
  let end = writeDecimal(word >>> 24, bytes, to);
  for (let shift = 16; shift >= 0; shift -= 8) {
    bytes[end] = DOT;
    end = writeDecimal((word >>> shift) & 255, bytes, end + 1);
  }
  return end;
};
