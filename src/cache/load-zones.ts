import { GeofenceError } from '../errors.ts';
import { formatShortened } from '../words/format.ts';
import { isKnownEmpty } from '../zones/known-empty.ts';
import type { LoadedZone, LoadedZones } from '../zones/loaded-zone.ts';
import type { ZoneId } from '../zones/zone.ts';
import { zoneName } from '../zones/zone.ts';
import { ageOf } from '../zones/age.ts';
import type { Store } from './store.ts';

/** All zones of the world have 5 MB. Whoever can write the cache must not fill the memory of root. */
const MAX_TOTAL_BYTES = 64 * 2 ** 20;
const TOO_MUCH = `the zones before it have more than ${MAX_TOTAL_BYTES >> 20} MiB`;

/**
 * Reads zones from the cache; `now` is in milliseconds since the epoch. Returns those that are there, and as `missing`,
 * with the reason, those that are absent or damaged, and those past the first 64 MiB; a zone known to be empty need not
 * be there.
 */
export async function loadZones(
  store: Pick<Store, 'read'>,
  wanted: readonly ZoneId[],
  now: number,
): Promise<LoadedZones> {
  const zones: LoadedZone[] = [];
  const missing: { id: ZoneId; reason: string }[] = [];
  let bytes = 0;
  for (const id of wanted) {
    if (bytes > MAX_TOTAL_BYTES) {
      missing.push({ id, reason: TOO_MUCH });
      continue;
    }
    const entry = await store.read(id);
    if (entry.state === 'present') {
      const { body, metadata } = entry.zone;
      const { source, fetchedAt, sha256 } = metadata;
      bytes += body.length;
      zones.push({ id, body, sha256, source, fetchedAt, ageMilliseconds: ageOf(Date.parse(fetchedAt), now) });
    } else if (entry.state === 'corrupt') {
      missing.push({ id, reason: `the cached copy is damaged: ${entry.reason}` });
    } else if (!isKnownEmpty(id)) {
      missing.push({ id, reason: 'it is not in the cache' });
    }
  }
  return { zones, missing };
}

/** Throws a GeofenceError with `hint` when a zone is missing: a policy is carried out whole or not at all. */
export function requireAll(
  { missing }: LoadedZones,
  hint = 'fetch what is missing with "geofence refresh" or "geofence fetch"',
): void {
  const [first, ...more] = missing;
  if (first === undefined) return;
  const names = formatShortened(missing.map(({ id }) => zoneName(id)));
  const lead = more.length === 0 ? names : `${names}; the first`;
  throw new GeofenceError(`Cannot use zone ${lead}: ${first.reason}`, { hint });
}
