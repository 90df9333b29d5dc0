import type { Family } from './family.ts';
import { ipv4, ipv6 } from './family.ts';
import { isMappedIPv4 } from './ipv6.ts';
import { DOT, COLON } from '../words/ascii.ts';

/** What stands between the fields of a log: blanks, quotes, brackets, and the signs of lists and of NAME=VALUE. */
const isSeparator = characterTable('\0\t\n\r "\'()[]{}<>,;=|');
const isOfAddress = characterTable('0123456789abcdefABCDEF:.');

function characterTable(characters: string): Uint8Array {
  const table = new Uint8Array(256);
  for (const character of characters) table[character.charCodeAt(0)] = 1;
  return table;
}

/**
 * Reads the first field of bytes[from, to) that is an address into words[0...3]; returns its family, or undefined when
 * no field is one. "192.0.2.7:443" counts, and "::ffff:192.0.2.7" is an IPv4 address.
 */
export function findAddress(
  bytes: Uint8Array,
  from: number,
  to: number,
  words: Int32Array,
): Family | undefined {
  for (let start = from, end; start < to; start = end + 1) {
    end = start;
    while (end < to && isSeparator[bytes[end]!] === 0) end++;
    const family = end > start ? readField(bytes, start, end, words) : undefined;
    if (family !== undefined) return family;
  }
  return undefined;
}

function readField(bytes: Uint8Array, from: number, to: number, words: Int32Array): Family | undefined {
  let [dot, colon, lastColon] = [to, to, to];
  for (let at = from; at < to; at++) {
    const byte = bytes[at]!;
    if (isOfAddress[byte] === 0) return undefined;
    if (byte === DOT) dot = Math.min(dot, at);
    else if (byte === COLON) {
      colon = Math.min(colon, at);
      lastColon = at;
    }
  }
  if (dot < colon) return asIPv4(bytes, from, colon, words);
  if (dot === to) return asIPv6(bytes, from, to, words);
  return isMappedPrefix(bytes, from, lastColon) ? asIPv4(bytes, lastColon + 1, to, words) : undefined;
}

const asIPv4 = (bytes: Uint8Array, from: number, to: number, words: Int32Array): Family | undefined =>
  ipv4.parse(bytes, from, to, words) === undefined ? ipv4 : undefined;

function asIPv6(bytes: Uint8Array, from: number, to: number, words: Int32Array): Family | undefined {
  if (ipv6.parse(bytes, from, to, words) !== undefined) return undefined;
  if (!isMappedIPv4(words)) return ipv6;
  words[0] = words[3]!;
  return ipv4;
}

const MAPPED = '::ffff';

/** Whether bytes[from, to) are "::ffff", in any case. */
const isMappedPrefix = (bytes: Uint8Array, from: number, to: number): boolean =>
  to - from === MAPPED.length &&
  Array.from(MAPPED).every(
    (character, i) => String.fromCharCode(bytes[from + i]!).toLowerCase() === character,
  );
