import { GeofenceError } from '../errors.ts';
import type { Refusal } from '../refusal.ts';
import { refuseUnlessForced } from '../refusal.ts';
import { formatShortened } from '../words/format.ts';
import type { ZoneResult } from './fetch-request.ts';
import { selectSources } from './catalog.ts';
import type { ZoneId } from '../zones/zone.ts';
import { zoneName } from '../zones/zone.ts';
import type { Store } from '../cache/store.ts';
import { changeLimitsOf } from '../config/change-limits.ts';
import type { SettledSettings } from '../config/settled.ts';
import type { Log } from '../system/log.ts';
import type { System } from '../system/system.ts';
import { countStates } from './count-states.ts';

/** The largest real zone has 432 kB (us, IPv4), all of them unpacked 5 MB. */
const limits = {
  connectTimeoutSeconds: 10,
  headersTimeoutSeconds: 10,
  bodyTimeoutSeconds: 10,
  maxZoneBytes: 8 * 1024 * 1024,
  maxArchiveBytes: 64 * 1024 * 1024,
};

/** What fetching takes. */
export interface DownloadInputs {
  readonly store: Store;
  readonly settings: SettledSettings;
  readonly system: Pick<System, 'now' | 'sleep' | 'random'>;
  readonly log: Log;
  /** Of this program: sources are told who asks. */
  readonly version: string;
  /** Guards to pass over. */
  readonly force: ReadonlySet<string>;
}

/**
 * Brings the wanted zones in the cache up to date; needs the lock of the cache. An old copy stands in, with a warning,
 * for a zone that cannot be had. When all have been tried, throws RefusedError when guards refuse one, else
 * GeofenceError when one cannot be had at all; UsageError for sources or a mirror that cannot be used, and the signal's
 * reason when it aborts.
 */
export async function download(
  { store, settings, system, log, version, force }: DownloadInputs,
  wanted: readonly ZoneId[],
  signal: AbortSignal,
): Promise<ZoneResult[]> {
  const { warn, info } = log;
  store.removeTemporary();
  // With all that it needs for HTTP and archives it is for those alone that fetch.
  const { fetchZones } = await import('./fetch-zones.ts');
  const results = await fetchZones({
    wanted,
    sources: selectSources(settings.sources, settings.mirror),
    store,
    maxAgeDays: settings.max_zone_age_days,
    ...(settings.concurrency === undefined ? {} : { concurrency: settings.concurrency }),
    deadlineSeconds: settings.deadline_seconds,
    changeLimits: changeLimitsOf(settings),
    forcedGuards: force,
    ...limits,
    userAgent: `geofence/${version} (+https://github.com/geofence/geofence)`,
    now: system.now,
    sleep: system.sleep,
    random: system.random,
    signal,
    warn,
    info,
    progress: (settled) => log.progress(`fetching zones: ${settled} of ${wanted.length}`),
  });
  noteCounts(log, results);
  refuseUnlessForced(results.flatMap(refusalOf), new Set());
  const aged = countOutcomes(log, results, 'aged');
  if (aged !== undefined) warn(`using the cached copy of ${aged}`);
  const missing = countOutcomes(log, results, 'missing');
  if (missing === undefined) return results;
  throw new GeofenceError(`Cannot get zone ${missing}`, {
    hint: 'the firewall is as it was; what was fetched is kept, so the next try is shorter',
  });
}

/** One line of what was asked for; nothing when the cache was young enough for all. */
function noteCounts({ info }: Log, results: readonly ZoneResult[]): void {
  const counts = countStates(results.filter(({ state }) => state !== 'fresh'));
  if (counts.length > 0) info(counts.map(([count, text]) => `${count} ${text}`).join(', '));
}

const refusalOf = ({ id, guard, reason }: ZoneResult): Refusal[] =>
  guard === undefined ? [] : [{ guard, reason: `zone ${zoneName(id)} is not to be believed: ${reason}` }];

/** "CA IPv4, CA IPv6; the first: REASON", or undefined when no zone is in this state. All reasons are told as notes. */
function countOutcomes(
  { info }: Log,
  results: readonly ZoneResult[],
  state: ZoneResult['state'],
): string | undefined {
  const found = results.filter((result) => result.state === state);
  const [first, ...more] = found;
  if (first === undefined) return undefined;
  for (const { id, reason } of more.length === 0 ? [] : found) info(`${zoneName(id)}: ${reason}`);
  if (more.length === 0) return `${zoneName(first.id)}: ${first.reason}`;
  const names = formatShortened(found.map(({ id }) => zoneName(id)));
  return `${names}; the first: ${first.reason}`;
}
