import { GeofenceError } from '../errors.ts';
import type { Bounds } from '../ip/bounds.ts';
import { subtract } from '../ip/bounds.ts';
import { Collector } from '../ip/collect.ts';
import type { Family } from '../ip/family.ts';
import { localBounds } from './local.ts';
import { parseZone } from './parse.ts';

/** "1.0.0.0/8" and a newline, or "2001::/16": what is never written to costs no memory. */
const SHORTEST_LINE = 10;

/**
 * Merges the zones of one family into one set, without the local space that no country owns. Zones are accepted before
 * they are kept; should one have a bad line all the same, half of it must not become a fence.
 */
export function aggregate(family: Family, zones: readonly Uint8Array[]): Bounds {
  const bytes = zones.reduce((sum, zone) => sum + zone.length, 0);
  const collector = new Collector(family, Math.ceil(bytes / SHORTEST_LINE));
  for (const zone of zones) {
    const [bad] = parseZone(zone, family, collector).refused;
    if (bad === undefined) continue;
    throw new GeofenceError(
      `Cannot merge a zone of ${family.label}: line ${bad.line}: ${bad.reason}: "${bad.text}"`,
    );
  }
  return subtract(collector.bounds(), localBounds(family));
}
