import { ageOf } from './age.ts';
import type { Store } from './store.ts';
import { GeofenceError } from '../errors.ts';
import type { Bounds } from '../ip/bounds.ts';
import type { Family } from '../ip/family.ts';
import type { FenceBounds, Policy } from '../policy/policy.ts';
import { formatShortened } from '../words/format.ts';
import { aggregate } from '../zones/aggregate.ts';
import { isKnownEmpty } from '../zones/known-empty.ts';
import type { CountryMap } from '../zones/country-map.ts';
import { countryMapOf } from '../zones/country-map.ts';
import type { ZoneId } from '../zones/zone.ts';
import { zoneName } from '../zones/zone.ts';

/** A zone as the cache has it. */
export interface LoadedZone {
  readonly id: ZoneId;
  readonly body: Uint8Array;
  /** The name of the source it came from. */
  readonly source: string;
  /** When a source last vouched for it, ISO 8601. */
  readonly fetchedAt: string;
  readonly ageMilliseconds: number;
}

/** The zones of a policy. */
export interface LoadedZones {
  readonly zones: readonly LoadedZone[];
  /** Zones there should be, and why they cannot be had. */
  readonly missing: readonly { readonly id: ZoneId; readonly reason: string }[];
}

/** The zones a policy needs, families and countries in order. */
export const wantedZones = (policy: Policy): ZoneId[] =>
  policy.families.flatMap((family) =>
    [...new Set(policy.fences.flatMap((fence) => fence.countries))].map((country) => ({ country, family })),
  );

/** Reads zones from the cache; those known to be empty need not be there. */
export async function loadZones(store: Store, wanted: readonly ZoneId[], now: number): Promise<LoadedZones> {
  const zones: LoadedZone[] = [];
  const missing: { id: ZoneId; reason: string }[] = [];
  const entries = await Promise.all(wanted.map(async (id) => ({ id, entry: await store.read(id) })));
  for (const { id, entry } of entries) {
    if (entry.state === 'present') {
      const { body, metadata } = entry.zone;
      const { source, fetchedAt } = metadata;
      zones.push({ id, body, source, fetchedAt, ageMilliseconds: ageOf(fetchedAt, now) });
    } else if (entry.state === 'corrupt') {
      missing.push({ id, reason: `the cached copy is damaged: ${entry.reason}` });
    } else if (!isKnownEmpty(id)) {
      missing.push({ id, reason: 'it is not in the cache' });
    }
  }
  return { zones, missing };
}

/** Where the addresses of a family are registered, out of all these zones. */
export const countryMapFrom = (
  family: Family,
  zones: readonly { readonly id: ZoneId; readonly bounds: Bounds }[],
): CountryMap =>
  countryMapOf(
    family,
    zones.filter(({ id }) => id.family === family).map(({ id, bounds }) => ({ country: id.country, bounds })),
  );

/** Throws when a zone is missing: a policy is carried out whole or not at all. */
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

/** The addresses of each fence's countries out of these zones; each is worked out once, when it is first asked for. */
export function fenceBoundsOf(zones: readonly LoadedZone[]): FenceBounds {
  const known = new Map<string, Bounds>();
  return ({ name, countries }, family) => {
    const key = `${name} ${family.name}`;
    const isOfFence = ({ id }: LoadedZone): boolean => id.family === family && countries.includes(id.country);
    const bounds =
      known.get(key) ??
      aggregate(
        family,
        zones.filter(isOfFence).map(({ body }) => body),
      );
    known.set(key, bounds);
    return bounds;
  };
}
