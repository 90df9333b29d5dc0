import type { AddressParser } from './family.ts';

const DOT = 0x2e;

/** Reads a dotted quad (RFC 6943 section 3.1.1, strict: four decimal octets, no leading zeros) into one word. */
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
      value = value * 256 + octet;
      octet = 0;
      digits = 0;
      dots++;
    } else {
      return 'not an IPv4 address';
    }
  }
  if (dots !== 3 || digits === 0) return 'an IPv4 address has four octets';
  words[0] = value * 256 + octet;
  return undefined;
};

/** Writes the word at `at` as a dotted quad. */
export function formatIPv4(words: Uint32Array, at: number): string {
  const word = words[at]!;
  return `${word >>> 24}.${(word >>> 16) & 255}.${(word >>> 8) & 255}.${word & 255}`;
}
