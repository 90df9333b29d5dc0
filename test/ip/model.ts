import type { Bounds } from '../../src/ip/bounds.ts';
import { newCidr, parseAddress, parseCidr } from '../../src/ip/cidr.ts';
import { Collector } from '../../src/ip/collect.ts';
import type { Family } from '../../src/ip/family.ts';

/** The words of a number, most significant first; modulo 2^(32 × width). */
export function wordsOfNumber(value: bigint, width: number): Int32Array {
  return Int32Array.from({ length: width }, (_, k) =>
    Number(BigInt.asUintN(32, value >> BigInt(32 * (width - 1 - k)))),
  );
}

/** The number whose first word is words[at]. */
export function numberOfWords(words: Int32Array, at: number, width: number): bigint {
  return words.subarray(at, at + width).reduce((number, word) => number * 2n ** 32n + BigInt(word >>> 0), 0n);
}

/** The words of an address known to be one. */
export function wordsOf(family: Family, text: string): Int32Array {
  const words = parseAddress(family, text);
  if (words === undefined) throw new Error(`"${text}" is no ${family.label} address`);
  return words;
}

export const numberOf = (family: Family, text: string): bigint =>
  numberOfWords(wordsOf(family, text), 0, family.width);

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The set of CIDRs known to be valid. */
export function setOf(family: Family, ...cidrs: string[]): Bounds {
  const collector = new Collector(family);
  const cidr = newCidr();
  for (const text of cidrs) {
    const bytes = bytesOf(text);
    const reason = parseCidr(family, bytes, 0, bytes.length, cidr);
    if (reason !== undefined) throw new Error(`"${text}": ${reason}`);
    collector.add(cidr.words, cidr.length);
  }
  return collector.bounds();
}

/** Boundaries as text, for messages a person can read: ["10.0.0.0", "11.0.0.0"]. */
export function boundaryTexts({ family, words }: Bounds): string[] {
  return Array.from({ length: words.length / family.width }, (_, i) =>
    family.format(words, i * family.width),
  );
}
