import type { Family } from '../../src/ip/family.ts';
import { families } from '../../src/ip/family.ts';
import { aggregate } from '../../src/zones/aggregate.ts';
import type { Data } from './data.ts';
import { allCountries, readZones } from './data.ts';
import type { Fence, Shape } from './packet-shapes.ts';
import { shapeOf01 } from './packet-shapes.ts';

/** A fence, and the former shape of it: made once, for its sets are large. */
export interface MeasuredFence extends Fence {
  readonly old: Shape;
}

/** The fence whose packets of established flows are measured. */
export const FLOW_FENCE = 'allow US';

const policies = [
  { mode: 'allow', countries: 'CA', label: 'allow CA' },
  { mode: 'allow', countries: 'US', label: FLOW_FENCE },
  { mode: 'allow', countries: allCountries, label: 'allow all' },
  { mode: 'deny', countries: 'CN,RU', label: 'deny CN,RU' },
] as const;

/** The fences that are measured, with the zones of the cache; only one of them if `isQuick`. */
export async function measuredFences({ cacheDir }: Data, isQuick: boolean): Promise<MeasuredFence[]> {
  const zones = new Map(
    await Promise.all(families.map(async (family) => [family, await readZones(cacheDir, family)] as const)),
  );
  const bodies = (family: Family, countries: string): Uint8Array[] =>
    (zones.get(family) ?? [])
      .filter(({ country }) => countries.split(',').includes(country))
      .map(({ body }) => body);
  return policies
    .filter(({ label }) => !isQuick || label === FLOW_FENCE)
    .map((policy) => {
      const bounds = new Map(
        families.map((family) => [family, aggregate(family, bodies(family, policy.countries))]),
      );
      const fence = { ...policy, bounds };
      return { ...fence, old: shapeOf01(fence) };
    });
}
