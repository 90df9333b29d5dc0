import type { Bounds } from '../ip/bounds.ts';
import { countAddresses, isEmpty, subtract } from '../ip/bounds.ts';
import type { Family } from '../ip/family.ts';
import { mapOf, merge } from '../ip/range-map.ts';
import { formatPrefix, prefixes } from '../ip/prefixes.ts';
import type { Place, CountryMap } from '../zones/country-map.ts';
import type { Traffic } from './packet.ts';

/** Who gets in with one state and not with the other. */
export interface Difference {
  readonly family: Family;
  readonly gained: Group;
  readonly lost: Group;
}

/** Some addresses of a family, and where they are registered. */
export interface Group {
  readonly bounds: Bounds;
  readonly addresses: number;
  /** The places, those with most addresses first. */
  readonly places: readonly { readonly place: Place; readonly addresses: number }[];
  /** The largest networks that lie in one place, those in a country first. */
  readonly largest: readonly PlacedNetwork[];
}

interface PlacedNetwork {
  readonly network: string;
  readonly place: Place;
}

/** How many networks are named. */
const LARGEST = 3;

/**
 * Compares who gets in with given traffic before and after: `before` and `after` tell who does. Verdicts and not sets
 * are compared: what a deny set gains, people lose.
 */
export function difference(
  { before, after }: Readonly<Record<'before' | 'after', (traffic: Traffic) => Bounds>>,
  traffic: Traffic,
  countryMap: CountryMap,
): Difference {
  const { family } = traffic;
  const [old, wanted] = [before(traffic), after(traffic)];
  return {
    family,
    gained: groupOf(subtract(wanted, old), countryMap),
    lost: groupOf(subtract(old, wanted), countryMap),
  };
}

function groupOf(bounds: Bounds, { labels, places }: CountryMap): Group {
  if (isEmpty(bounds)) return { bounds, addresses: 0, places: [], largest: [] };
  const { family } = bounds;
  const parts = merge(mapOf(bounds, 1), labels, (isIn, label) => isIn && label + 1);
  const sums = places.map((place) => ({ place, addresses: 0 }));
  const top = new Top();
  for (const [i, value] of parts.values.entries()) {
    const sum = sums[value - 1];
    if (sum === undefined) continue;
    // Without an end where it is the last: then it reaches the end of the address space.
    const part = { family, words: parts.words.subarray(i * family.width, (i + 2) * family.width) };
    const addresses = countAddresses(part);
    sum.addresses += addresses;
    top.add(part, addresses, sum.place);
  }
  return {
    bounds,
    addresses: countAddresses(bounds),
    places: sums.filter(({ addresses }) => addresses > 0).sort((a, b) => b.addresses - a.addresses),
    largest: top.found,
  };
}

type Ranked = PlacedNetwork & { readonly rank: number };

/** The best so far of many networks. */
class Top {
  readonly found: Ranked[] = [];

  add(range: Bounds, addresses: number, place: Place): void {
    const rankOf = (length: number): number => length + (place === null || place === 'local' ? 1000 : 0);
    const isWorse = (rank: number): boolean =>
      this.found.length === LARGEST && rank >= this.found.at(-1)!.rank;
    const { bits } = range.family;
    // Most ranges hold nothing that large, and need not be taken apart.
    if (isWorse(rankOf(bits - Math.floor(Math.log2(addresses))))) return;
    const list = prefixes(range);
    for (const [i, length] of list.lengths.entries()) {
      const rank = rankOf(length);
      if (isWorse(rank)) continue;
      const at = this.found.findIndex((other) => other.rank > rank);
      this.found.splice(at < 0 ? LARGEST : at, 0, { network: formatPrefix(list, i), place, rank });
      if (this.found.length > LARGEST) this.found.pop();
    }
  }
}
