import type { Family } from './family.ts';
import { ipv4, ipv6 } from './family.ts';
import { SLASH } from '../words/ascii.ts';

/** One network, overwritten by each `parseCidr`: the bulk path makes no object per line. */
export interface Cidr {
  /** The network address, host bits cleared; four words, of which IPv4 uses the first. */
  readonly words: Int32Array;
  /** The prefix length. */
  length: number;
  /** Whether bits beyond the prefix length were set in the text. */
  hadHostBits: boolean;
}

/** Returns a Cidr to be filled by parseCidr(). */
export const newCidr = (): Cidr => ({ words: new Int32Array(4), length: 0, hadHostBits: false });

/** Clears, in place, the bits of an address beyond `length`; returns whether any was set. */
export function maskHostBits(words: Int32Array, length: number, width: number): boolean {
  let had = false;
  for (let k = length >>> 5; k < width; k++) {
    const kept = k === length >>> 5 && (length & 31) !== 0 ? -1 << (32 - (length & 31)) : 0;
    const word = words[k]!;
    words[k] = word & kept;
    if (words[k] !== word) had = true;
  }
  return had;
}

/** The decimal number in bytes[from, to) without leading zeros, at most three digits, or -1. */
function parseLength(bytes: Uint8Array, from: number, to: number): number {
  if (to === from || to - from > 3 || (bytes[from] === 0x30 && to - from > 1)) return -1;
  let value = 0;
  for (let i = from; i < to; i++) {
    const digit = bytes[i]! - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/**
 * Reads `ADDRESS/LENGTH` from bytes[from, to) into `into`, host bits cleared. Returns why it cannot, or undefined when
 * it could. A bare address is refused: "192.0.2.0/24" cut short would otherwise pass for one.
 */
export function parseCidr(
  family: Family,
  bytes: Uint8Array,
  from: number,
  to: number,
  into: Cidr,
): string | undefined {
  // Not indexOf(): it would search the rest of the file for each line without a slash.
  let slash = to - 1;
  while (slash >= from && bytes[slash] !== SLASH) slash--;
  if (slash < from) return 'the prefix length is missing';
  const length = parseLength(bytes, slash + 1, to);
  if (length < 0) return 'the prefix length is not a number';
  if (length > family.bits) return `prefix length ${length} is above ${family.bits}`;
  const reason = family.parse(bytes, from, slash, into.words);
  if (reason !== undefined) return reason;
  into.length = length;
  into.hadHostBits = maskHostBits(into.words, length, family.width);
  return undefined;
}

/** Returns the family of an address or CIDR by its separator alone; the text may still be neither. */
export const familyOf = (text: string): Family => (text.includes(':') ? ipv6 : ipv4);

const encoder = new TextEncoder();

/** Returns the words of an address written as text; undefined when it is none of this family. */
export function parseAddress(family: Family, text: string): Int32Array | undefined {
  const words = new Int32Array(4);
  const bytes = encoder.encode(text);
  return family.parse(bytes, 0, bytes.length, words) === undefined
    ? words.subarray(0, family.width)
    : undefined;
}
