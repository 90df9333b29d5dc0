import type { ZoneFacts, ZoneLack } from '../report/zones.ts';
import { countries } from '../zones/countries.ts';
import { isKnownEmpty } from '../zones/known-empty.ts';
import type { ZoneId } from '../zones/zone.ts';
import { zoneName } from '../zones/zone.ts';
import type { CacheEntry, CachedZone } from './store.ts';

/** Returns country, name and family of a zone, for a report. */
export const zoneFacts = (id: ZoneId): ZoneFacts => ({
  zone: zoneName(id),
  country: id.country,
  name: countries.get(id.country)?.name,
  family: id.family.name,
});

/** Returns why the cache has no usable copy of a zone, for a report: damaged, known to be empty, or absent. */
export function zoneLack(id: ZoneId, entry: Exclude<CacheEntry, { state: 'present' }>): ZoneLack {
  if (entry.state === 'corrupt') return { state: 'damaged', reason: entry.reason };
  return { state: isKnownEmpty(id) ? 'empty' : 'absent' };
}

/** How many addresses more `after` has than `before`, in percent of those of `before`; negative when fewer. */
export const changePercent = (before: CachedZone, after: CachedZone): number =>
  100 * (after.metadata.addresses / before.metadata.addresses - 1);
