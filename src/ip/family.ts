import { parseIPv4, writeIPv4 } from './ipv4.ts';
import { parseIPv6, writeIPv6 } from './ipv6.ts';

/** Reads bytes[from, to) into words[0...]; returns why it cannot, or undefined when it could. */
export type AddressParser = (
  bytes: Uint8Array,
  from: number,
  to: number,
  words: Int32Array,
) => string | undefined;

/** An address family: everything that differs between IPv4 and IPv6 arithmetic. */
export interface Family {
  readonly name: 'ipv4' | 'ipv6';
  readonly label: 'IPv4' | 'IPv6';
  readonly version: 4 | 6;
  readonly bits: 32 | 128;
  /** 32-bit words per address. */
  readonly width: 1 | 4;
  readonly parse: AddressParser;
  readonly write: AddressWriter;
  /** The text of the address whose first word is words[at]. */
  readonly format: (words: Int32Array, at: number) => string;
}

/** Writes the text of the address whose first word is words[at] to bytes[to...]; returns where it ends. */
export type AddressWriter = (words: Int32Array, at: number, bytes: Uint8Array, to: number) => number;

/** Longer than the text of any address. */
const LONGEST_ADDRESS = 48;
const decoder = new TextDecoder('latin1');

const formatter =
  (write: AddressWriter): Family['format'] =>
  (words, at) => {
    const bytes = new Uint8Array(LONGEST_ADDRESS);
    return decoder.decode(bytes.subarray(0, write(words, at, bytes, 0)));
  };

export const ipv4: Family = {
  name: 'ipv4',
  label: 'IPv4',
  version: 4,
  bits: 32,
  width: 1,
  parse: parseIPv4,
  write: writeIPv4,
  format: formatter(writeIPv4),
};

export const ipv6: Family = {
  name: 'ipv6',
  label: 'IPv6',
  version: 6,
  bits: 128,
  width: 4,
  parse: parseIPv6,
  write: writeIPv6,
  format: formatter(writeIPv6),
};

export const families: readonly Family[] = [ipv4, ipv6];
