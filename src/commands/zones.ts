import { ageOf } from '../cache/age.ts';
import type { CacheEntry, CachedZone } from '../cache/store.ts';
import { exitCodes } from '../errors.ts';
import { families } from '../ip/family.ts';
import type { ZoneFacts, ZoneLack, ZoneReport, ZonesReport } from '../report/zones.ts';
import { renderZones } from '../report/zones.ts';
import { countries } from '../zones/countries.ts';
import { isKnownEmpty } from '../zones/known-empty.ts';
import type { ZoneId } from '../zones/zone.ts';
import { zoneName } from '../zones/zone.ts';
import type { Context, Outcome } from '../context/context.ts';
import { countriesOf, zonesOf } from '../zones/select-zones.ts';

/** Lists the cached zones, or those of some countries, cached or not. No zone is parsed: its metadata says it all. */
export async function zones(context: Context, selectors: readonly string[]): Promise<Outcome> {
  const { store, system } = context;
  const ids =
    selectors.length > 0 ? zonesOf(countriesOf(selectors), families) : byCountry(await store.list());
  const report: ZonesReport = {
    cacheDir: store.dir,
    zones: await Promise.all(
      ids.map(async (id) => reportZone(id, await store.read(id), await store.readPrevious(id), system.now())),
    ),
  };
  return { exitCode: exitCodes.done, text: renderZones(report), json: report };
}

const byCountry = (ids: readonly ZoneId[]): ZoneId[] =>
  [...ids].sort((a, b) => (a.country === b.country ? 0 : a.country < b.country ? -1 : 1));

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

function reportZone(id: ZoneId, entry: CacheEntry, previous: CacheEntry, now: number): ZoneReport {
  if (entry.state !== 'present') return { ...factsOf(id), ...lackOf(id, entry) };
  const { networks, addresses, source, url, fetchedAt } = entry.zone.metadata;
  const age = ageOf(fetchedAt, now);
  return {
    ...factsOf(id),
    state: 'present',
    networks,
    addresses,
    source,
    url,
    fetchedAt,
    ageSeconds: Number.isFinite(age) ? Math.round(age / 1000) : null,
    changePercent: previous.state === 'present' ? changePercent(previous.zone, entry.zone) : null,
  };
}

/** In addresses. */
export const changePercent = (before: CachedZone, after: CachedZone): number =>
  100 * (after.metadata.addresses / before.metadata.addresses - 1);
