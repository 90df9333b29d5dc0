import type { OpenedZone } from '../zones/aggregate.ts';
import { openZone } from '../zones/aggregate.ts';
import type { ZoneId } from '../zones/zone.ts';
import { zoneKey } from '../zones/zone.ts';
import type { LoadedZone, LoadedZones } from '../zones/loaded-zone.ts';
import { loadZones } from './load-zones.ts';
import type { Store } from './store.ts';

/**
 * Reads and merges the cached zones that `isAsked` picks, and those `wanted` besides, cached or not; `now` is in
 * milliseconds since the epoch. Throws GeofenceError for a zone that cannot be parsed, or a cache folder that cannot be
 * listed.
 */
export async function openZones(
  store: Store,
  now: number,
  isAsked: (id: ZoneId) => boolean,
  wanted: readonly ZoneId[] = [],
): Promise<Pick<LoadedZones, 'missing'> & { zones: (LoadedZone & OpenedZone)[] }> {
  const ids = new Map([...(await store.list()).filter(isAsked), ...wanted].map((id) => [zoneKey(id), id]));
  const { zones, missing } = await loadZones(store, [...ids.values()], now);
  return { zones: zones.map((zone) => ({ ...zone, ...openZone(zone.id.family, zone.body) })), missing };
}
