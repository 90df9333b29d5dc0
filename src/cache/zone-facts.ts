import type { ZoneFacts, ZoneLack } from '../report/zones.ts';
import { countries } from '../zones/countries.ts';
import { isKnownEmpty } from '../zones/known-empty.ts';
import type { ZoneId } from '../zones/zone.ts';
import { zoneName } from '../zones/zone.ts';
import type { CacheEntry, CachedZone } from './store.ts';

/** What a zone is, whether it is cached or not. */
export const factsOf = (id: ZoneId): ZoneFacts => ({
  zone: zoneName(id),
  country: id.country,
  name: countries.get(id.country)?.name,
  family: id.family.name,
});

/** Why there is no zone. */
export function lackOf(id: ZoneId, entry: Exclude<CacheEntry, { state: 'present' }>): ZoneLack {
  if (entry.state === 'corrupt') return { state: 'damaged', reason: entry.reason };
  return { state: isKnownEmpty(id) ? 'empty' : 'absent' };
}

/** By how much a zone grew from one copy to the next, in percent of its addresses. */
export const changePercent = (before: CachedZone, after: CachedZone): number =>
  100 * (after.metadata.addresses / before.metadata.addresses - 1);
