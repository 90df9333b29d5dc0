import type { DesiredState } from '../firewall/model.ts';
import { mostEntries } from '../firewall/set-shape.ts';
import { countAddresses } from '../ip/bounds.ts';
import { countPrefixes, prefixes } from '../ip/prefixes.ts';
import { chooseLengths } from '../ip/reduce.ts';
import type { FenceBounds, Policy } from '../policy/policy.ts';
import { countriesOf } from '../policy/policy.ts';
import { describeReach } from '../policy/describe.ts';
import type { FenceReport } from '../report/fence.ts';
import type { LoadedZone } from '../zones/loaded-zone.ts';
import { fenceSet } from './set-names.ts';

/**
 * Counts what each fence of a policy comes to in each family: zones, networks and addresses of its countries, and the
 * entries of the kernel's set. `zones` are all that were merged. Throws an Error when `desired` has no set for
 * a fence.
 */
export function reportFence(
  policy: Policy,
  desired: DesiredState,
  boundsOf: FenceBounds,
  zones: readonly LoadedZone[],
): FenceReport[] {
  return policy.fences.map((fence) => ({
    sentence: describeReach(fence, policy),
    mode: fence.mode,
    countries: countriesOf(fence),
    families: (fence.countries === 'everyone' ? [] : policy.families).map((family) => {
      const set = fenceSet(fence, family);
      const spec = desired.sets.get(set);
      if (spec?.owner !== 'plan') throw new Error(`the plan has no set ${set}`);
      const list = prefixes(spec.bounds);
      const countries = boundsOf(fence, family);
      const reduction = chooseLengths(list, mostEntries(list.lengths.length, spec.extraEntries));
      const addresses = countAddresses(countries);
      return {
        family: family.name,
        set,
        zones: zones.filter(({ id }) => id.family === family && countriesOf(fence).includes(id.country))
          .length,
        networks: countPrefixes(countries),
        prefixLengths: reduction.from,
        keptPrefixLengths: reduction.lengths.length,
        entries: reduction.networks,
        addresses,
        share: addresses / 2 ** family.bits,
      };
    }),
  }));
}
