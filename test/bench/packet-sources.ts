import type { Bounds } from '../../src/ip/bounds.ts';
import { ipv4 } from '../../src/ip/family.ts';
import { prefixes } from '../../src/ip/prefixes.ts';
import { randomNumbers } from './generate.ts';

/**
 * Different addresses of the set, the same ones every time. In IPv4 all addresses are equally likely. In IPv6
 * each network is: nearly all addresses are in a few huge networks that nobody uses.
 */
export function randomAddresses(bounds: Bounds, count: number): string[] {
  const { family, words, lengths } = prefixes(bounds);
  const random = randomNumbers();
  let total = 0;
  const ends = Array.from(lengths, (length) => (total += family === ipv4 ? 2 ** (32 - length) : 1));
  const found = new Set<string>();
  for (let tries = 0; found.size < count && tries < 100 * count; tries++) {
    const index = firstAbove(ends, random() * total);
    const address = words.slice(index * family.width, (index + 1) * family.width);
    for (let k = 0; k < family.width; k++)
      address[k]! |= Math.floor(random() * 2 ** 32) & hostMask(lengths[index]! - 32 * k);
    found.add(family.format(address, 0));
  }
  return [...found];
}

/** Of a word whose first `length` bits belong to the network. */
const hostMask = (length: number): number => (length >= 32 ? 0 : length <= 0 ? -1 : -1 >>> length);

function firstAbove(ends: readonly number[], value: number): number {
  let low = 0;
  let high = ends.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ends[middle]! > value) high = middle;
    else low = middle + 1;
  }
  return low;
}
