import { GeofenceError } from '../errors.ts';
import type { Bounds } from '../ip/bounds.ts';
import { subtract } from '../ip/bounds.ts';
import { maskHostBits } from '../ip/cidr.ts';
import { Collector } from '../ip/collect.ts';
import type { Family } from '../ip/family.ts';
import { localBounds } from './local.ts';
import { parseZone } from './parse.ts';

/**
 * Merges the texts of zones of one family into one set, without the local space that no country owns. Throws
 * GeofenceError for a zone with a bad line: half of it must not become a fence.
 */
export const aggregate = (family: Family, zones: readonly Uint8Array[]): Bounds =>
  subtract(collect(family, zones).bounds(), localBounds(family));

/** What one zone holds, read once. */
export interface OpenedZone {
  readonly bounds: Bounds;
  /** The narrowest network of the zone, as its source has it, that holds an address inside `bounds`. */
  readonly networkOf: (address: Int32Array) => string;
}

/**
 * Reads the text of one zone: its addresses, without local ones, and a function that finds the network an address is
 * in. Throws GeofenceError when a line is bad.
 */
export function openZone(family: Family, body: Uint8Array): OpenedZone {
  const collector = collect(family, [body]);
  const bounds = subtract(collector.bounds(), localBounds(family));
  return {
    bounds,
    networkOf: (address) => {
      const length = collector.longestPrefix(address) ?? family.bits;
      const words = address.slice();
      maskHostBits(words, length, family.width);
      return `${family.format(words, 0)}/${length}`;
    },
  };
}

function collect(family: Family, zones: readonly Uint8Array[]): Collector {
  const collector = new Collector(family);
  collector.reserve(zones.reduce((sum, zone) => sum + zone.length, 0));
  for (const zone of zones) {
    const [bad] = parseZone(zone, family, collector).refused;
    if (bad === undefined) continue;
    throw new GeofenceError(
      `Cannot merge a zone of ${family.label}: line ${bad.line}: ${bad.reason}: "${bad.text}"`,
    );
  }
  return collector;
}
