import { ageOf, ageSeconds } from '../zones/age.ts';
import type { CacheEntry } from '../cache/store.ts';
import { changePercent, zoneFacts, zoneLack } from '../cache/zone-facts.ts';
import { exitCodes } from '../errors.ts';
import { families } from '../ip/family.ts';
import type { ZoneReport, ZonesReport } from '../report/zones.ts';
import { renderZones } from '../report/zones.ts';
import type { ZoneId } from '../zones/zone.ts';
import type { Context } from '../context/context.ts';
import type { Outcome } from '../context/outcome.ts';
import { countriesOf, zonesOf } from '../zones/select-zones.ts';

/**
 * Lists the cached zones, or those of some countries, cached or not; no zone is parsed, its metadata says it all.
 * Throws UsageError for selectors that name no country, GeofenceError when the cache cannot be listed.
 */
export async function zones(context: Context, selectors: readonly string[]): Promise<Outcome<ZonesReport>> {
  const { store, system } = context;
  const ids =
    selectors.length > 0 ? zonesOf(countriesOf(selectors), families) : byCountry(await store.list());
  const report: ZonesReport = {
    cacheDir: store.dir,
    zones: await Promise.all(
      ids.map(async (id) =>
        reportCopies(id, await store.read(id), await store.readPrevious(id), system.now()),
      ),
    ),
  };
  return { exitCode: exitCodes.done, report, render: renderZones };
}

const byCountry = (ids: readonly ZoneId[]): ZoneId[] =>
  [...ids].sort((a, b) => (a.country === b.country ? 0 : a.country < b.country ? -1 : 1));

function reportCopies(id: ZoneId, entry: CacheEntry, previous: CacheEntry, now: number): ZoneReport {
  if (entry.state !== 'present') return { ...zoneFacts(id), ...zoneLack(id, entry) };
  const { networks, addresses, source, url, fetchedAt } = entry.zone.metadata;
  const age = ageOf(Date.parse(fetchedAt), now);
  return {
    ...zoneFacts(id),
    state: 'present',
    networks,
    addresses,
    source,
    url,
    fetchedAt,
    ageSeconds: ageSeconds(age),
    changePercent: previous.state === 'present' ? changePercent(previous.zone, entry.zone) : null,
  };
}
