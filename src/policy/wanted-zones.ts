import type { Bounds } from '../ip/bounds.ts';
import { aggregate } from '../zones/aggregate.ts';
import type { LoadedZone } from '../zones/loaded-zone.ts';
import type { ZoneId } from '../zones/zone.ts';
import type { FenceBounds, Policy } from './policy.ts';

/** The zones a policy needs, families and countries in order. */
export const wantedZones = (policy: Policy): ZoneId[] =>
  policy.families.flatMap((family) =>
    [...new Set(policy.fences.flatMap((fence) => fence.countries))].map((country) => ({ country, family })),
  );

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
