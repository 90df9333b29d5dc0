import { countries } from '../../src/zones/countries.ts';
import { isKnownEmpty } from '../../src/zones/known-empty.ts';
import { ipv4, ipv6 } from '../../src/ip/family.ts';
import type { Family } from '../../src/ip/family.ts';
import type { Zones } from '../helpers/zone-files.ts';

/** The same numbers every time, at least 0 and below 1 (Numerical Recipes' constants). */
export function randomNumbers(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** First octets with local space in them. */
const local = new Set([10, 100, 127, 169, 172, 192, 198]);

const quad = (address: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');

/** Networks side by side from 1.0.0.0 on, some left out: most merge when all countries are wanted, as real ones do. */
function* networksOfIPv4(random: () => number, share: number): Generator<string> {
  let address = 2 ** 24;
  while (address < 224 * 2 ** 24) {
    const length = 24 - Math.floor(random() ** 1.6 * 9);
    const size = 2 ** (32 - length);
    address = Math.ceil(address / size) * size;
    const octet = Math.floor(address / 2 ** 24);
    if (local.has(octet)) address = (octet + 1) * 2 ** 24;
    else {
      if (random() < share * 0.97) yield `${quad(address)}/${length}`;
      address += size;
    }
  }
}

/** Networks far apart, two in ten of them neighbours. */
function* networksOfIPv6(random: () => number, count: number): Generator<string> {
  for (let i = 0; i < count; i++) {
    const first = (0x2400 + (i >> 13)).toString(16);
    const second = ((i & 0x1fff) * 8).toString(16);
    const length = [29, 32, 32, 36, 40, 44, 46, 47, 48, 48][Math.floor(random() * 10)] ?? 48;
    yield `${first}:${second}::/${length}`;
    if (length > 32 && random() < 0.2) yield `${first}:${second}:8000::/${length}`;
  }
}

/** Half of the networks belong to the first few countries, as in the real data. */
function shareOut(
  family: Family,
  networks: Iterable<string>,
  random: () => number,
): Record<string, string[]> {
  const codes = ['US', 'CA', 'DE', ...countries.keys()].filter(
    (country) => !isKnownEmpty({ country, family }),
  );
  const zones: Record<string, string[]> = Object.fromEntries(codes.map((code) => [code.toLowerCase(), []]));
  let turn = 0;
  for (const network of networks) {
    const index = turn < codes.length ? turn : Math.floor(random() ** 3 * codes.length);
    zones[codes[index]?.toLowerCase() ?? 'us']?.push(network);
    turn++;
  }
  return zones;
}

/** Zones of every country, about as many lines as the real ones have; `part` is 1 for all of them. */
export function generateZones(part: number): Zones {
  const random = randomNumbers();
  return {
    ipv4: shareOut(ipv4, networksOfIPv4(random, part), random),
    ipv6: shareOut(ipv6, networksOfIPv6(random, Math.round(65_000 * part)), random),
  };
}
