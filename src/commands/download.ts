import { GeofenceError } from '../errors.ts';
import { fetchZones } from '../sources/fetch-zones.ts';
import type { ZoneResult } from '../sources/fetch-request.ts';
import { selectSources } from '../sources/catalog.ts';
import type { ZoneId } from '../zones/zone.ts';
import { zoneName } from '../zones/zone.ts';
import type { Context } from './context.ts';

/** The largest real zone has 432 kB (us, IPv4), all of them unpacked 5 MB. */
const limits = {
  connectTimeoutSeconds: 10,
  headersTimeoutSeconds: 10,
  bodyTimeoutSeconds: 10,
  maxZoneBytes: 8 * 1024 * 1024,
  maxArchiveBytes: 64 * 1024 * 1024,
};

/**
 * Brings the wanted zones in the cache up to date. An old copy stands in for a zone that cannot be had, with a warning;
 * a zone that cannot be had at all is an error, when all others have been tried.
 */
export async function download(
  context: Context,
  wanted: readonly ZoneId[],
  signal: AbortSignal,
): Promise<ZoneResult[]> {
  const { config, store, system, warn, note } = context;
  const { settings } = config;
  await store.removeTemporary();
  const results = await fetchZones({
    wanted,
    sources: selectSources(settings.sources, settings.mirror),
    store,
    maxAgeDays: settings.max_zone_age_days,
    ...(settings.concurrency === undefined ? {} : { concurrency: settings.concurrency }),
    deadlineSeconds: settings.deadline_seconds,
    ...limits,
    userAgent: `geofence/${context.version} (+https://github.com/geofence/geofence)`,
    now: system.now,
    sleep: system.sleep,
    random: system.random,
    signal,
    warn,
    note,
  });
  for (const reasons of groupByReason(results, 'aged')) warn(`using the cached copy of ${reasons}`);
  const missing = groupByReason(results, 'missing');
  if (missing.length > 0) {
    throw new GeofenceError(`Cannot get zone ${missing.join('; zone ')}`, {
      hint: 'the firewall is as it was; what was fetched is kept, so the next try is shorter',
    });
  }
  return results;
}

/** "CA IPv4, CA IPv6: REASON" for each reason there is, so that a source that is down is told once. */
function groupByReason(results: readonly ZoneResult[], state: ZoneResult['state']): string[] {
  const names = new Map<string, string[]>();
  for (const { id, state: found, reason = 'no reason given' } of results) {
    if (found === state) names.set(reason, [...(names.get(reason) ?? []), zoneName(id)]);
  }
  return [...names].map(([reason, zones]) => `${zones.join(', ')}: ${reason}`);
}
