import { GeofenceError } from '../errors.ts';
import { formatShortened } from '../words/format.ts';
import { isKnownEmpty } from '../zones/known-empty.ts';
import type { LoadedZone, LoadedZones } from '../zones/loaded-zone.ts';
import type { ZoneId } from '../zones/zone.ts';
import { zoneName } from '../zones/zone.ts';
import { ageOf } from '../zones/age.ts';
import type { Store } from './store.ts';

/**
 * Reads zones from the cache; `now` is in milliseconds since the epoch. Returns those that are there, and as `missing`,
 * with the reason, those that are absent or damaged; a zone known to be empty need not be there.
 */
export async function loadZones(store: Store, wanted: readonly ZoneId[], now: number): Promise<LoadedZones> {
  const zones: LoadedZone[] = [];
  const missing: { id: ZoneId; reason: string }[] = [];
  const entries = await Promise.all(wanted.map(async (id) => ({ id, entry: await store.read(id) })));
  for (const { id, entry } of entries) {
    if (entry.state === 'present') {
      const { body, metadata } = entry.zone;
      const { source, fetchedAt } = metadata;
      zones.push({ id, body, source, fetchedAt, ageMilliseconds: ageOf(Date.parse(fetchedAt), now) });
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
  const others = more.length === 0 ? '' : ` (and ${formatShortened(more.map(({ id }) => zoneName(id)))})`;
  throw new GeofenceError(`Cannot use zone ${zoneName(first.id)}: ${first.reason}${others}`, {
    hint,
  });
}
