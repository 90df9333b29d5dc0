import type { Bounds } from '../ip/bounds.ts';
import { aggregate } from '../zones/aggregate.ts';
import type { LoadedZone } from '../zones/loaded-zone.ts';
import type { ZoneId } from '../zones/zone.ts';
import type { FenceBounds, Policy } from './policy.ts';
import { countriesOf } from './policy.ts';

/** Returns the zones that a policy needs: for each of its families every country of its fences, once. */
export const wantedZones = (policy: Policy): ZoneId[] =>
  policy.families.flatMap((family) =>
    [...new Set(policy.fences.flatMap(countriesOf))].map((country) => ({ country, family })),
  );

/**
 * Returns a function that tells the addresses of a fence's countries in a family, merged from `zones`; each answer is
 * worked out once, when first asked for. That function throws GeofenceError for a zone that cannot be parsed.
 */
export function fenceBoundsOf(zones: readonly LoadedZone[]): FenceBounds {
  const known = new Map<string, Bounds>();
  return (fence, family) => {
    const codes = countriesOf(fence);
    const key = `${codes.join(' ')} ${family.name}`;
    const isOfFence = ({ id }: LoadedZone): boolean => id.family === family && codes.includes(id.country);
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
