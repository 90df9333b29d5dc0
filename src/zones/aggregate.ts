import type { Bounds } from '../ip/bounds.ts';
import { subtract } from '../ip/bounds.ts';
import { Collector } from '../ip/collect.ts';
import type { Family } from '../ip/family.ts';
import { localBounds } from './local.ts';
import { parseZone } from './parse.ts';

/** Merges the zones of one family into one set, without the local space that no country owns. */
export function aggregate(family: Family, zones: Iterable<Uint8Array>): Bounds {
  const collector = new Collector(family);
  for (const zone of zones) parseZone(zone, family, collector);
  return subtract(collector.bounds(), localBounds(family));
}
