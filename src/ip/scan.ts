import type { Collector } from './collect.ts';
import { hexDigit } from './ipv6.ts';
import { HIGH, LENGTH_MASK, LONGEST_KEY, LOW } from './key.ts';
import { LF, DOT, COLON, SLASH } from '../words/ascii.ts';

const ZERO = 0x30;

/** Which lines are usual. */
export interface Usual {
  /** How many bytes stand before each network; "add geofence-main-allow-4 " in what ipset saves. */
  readonly lead: number;
  /** The shortest prefix length. */
  readonly shortest: number;
}

/** What the functions that read a line say of one that has anything unusual about it. */
const UNUSUAL = -1;

/**
 * Adds the networks of lines "ADDRESS/LENGTH", each ended by LF, from bytes[from] on; returns where the first line starts
 * that has anything unusual about it, or the end.
 *
 * For the form that nearly all of 240,000 lines have: no blanks, no leading zeros, no host bits, of IPv6 only addresses
 * that end in "::". What is taken, `parseCidr` reads alike; what is not may still be fine, or wrong, and is `parseCidr`'s
 * to judge.
 *
 * A line is read by one function, or two: most of the time goes by before the code is optimized, when a call costs more
 * than what is done in it.
 */
export function scanLines(
  bytes: Uint8Array,
  from: number,
  { lead, shortest }: Usual,
  into: Collector,
): number {
  const keys = into.reserve(bytes.length - from);
  const readLine = into.family.version === 4 ? readIPv4 : readIPv6;
  let size = 0;
  let start = from;
  while (start < bytes.length) {
    const next = readLine(bytes, start + lead, keys, size);
    if (next === UNUSUAL || (keys[size + LOW]! & LENGTH_MASK) < shortest) break;
    size += 2;
    start = next;
  }
  into.take(size / 2);
  return start;
}

/** What a byte is worth as a digit, or -1. */
const hexadecimals = Int8Array.from({ length: 256 }, (_, byte) => hexDigit(byte));
const decimals = hexadecimals.map((digit) => (digit > 9 ? -1 : digit));

/** What ends each of the five numbers of a line. */
const ends = [DOT, DOT, DOT, SLASH, LF];

/** Reads bytes[from...] up to LF as a key at keys[to]; returns where the next line starts. */
function readIPv4(bytes: Uint8Array, from: number, keys: Int32Array, to: number): number {
  let at = from;
  let word = 0;
  let value = 0;
  for (let number = 0; number < 5; number++) {
    word = (word << 8) | value;
    value = decimals[bytes[at++]!]!;
    let byte = bytes[at++]!;
    // A leading zero ends its number: it stands alone.
    for (let more = 2; more > 0 && byte >= ZERO && byte < COLON && value > 0; more--) {
      value = value * 10 + byte - ZERO;
      byte = bytes[at++]!;
    }
    if (byte !== ends[number] || value < 0 || value > 255) return UNUSUAL;
  }
  if (value > 32 || (value < 32 && word << value !== 0)) return UNUSUAL;
  keys[to + HIGH] = word;
  keys[to + LOW] = value;
  return at;
}

/** The same of an IPv6 address with up to four groups and "::". */
function readIPv6(bytes: Uint8Array, from: number, keys: Int32Array, to: number): number {
  let at = from;
  let high = 0;
  let low = 0;
  for (let group = 0; bytes[at] !== COLON || group === 0; group++) {
    const first = at;
    let value = 0;
    for (let digit = hexadecimals[bytes[at]!]!; digit >= 0; digit = hexadecimals[bytes[++at]!]!)
      value = (value << 4) | digit;
    if (at === first || at - first > 4 || bytes[at++] !== COLON || group === 4) return UNUSUAL;
    const shift = (group & 1) === 0 ? 16 : 0;
    if (group < 2) high |= value << shift;
    else low |= value << shift;
  }
  keys[to + HIGH] = high;
  keys[to + LOW] = low;
  return bytes[at + 1] === SLASH ? readLength(bytes, at + 2, keys, to) : UNUSUAL;
}

/** Reads the prefix length of an IPv6 network, whose address the key has already. */
function readLength(bytes: Uint8Array, from: number, keys: Int32Array, to: number): number {
  const high = keys[to + HIGH]!;
  const low = keys[to + LOW]!;
  let at = from;
  let length = decimals[bytes[at++]!]!;
  let byte = bytes[at++]!;
  if (byte >= ZERO && byte < COLON && length > 0) {
    length = length * 10 + byte - ZERO;
    byte = bytes[at++]!;
  }
  if (byte !== LF || length < 0 || length > LONGEST_KEY) return UNUSUAL;
  const host = length < 32 ? low | (high << length) : length === 32 ? low : low << (length - 32);
  if (host !== 0) return UNUSUAL;
  keys[to + LOW] = low | length;
  return at;
}
