import type { LoadedZones } from '../zones/loaded-zone.ts';
import { wantedZones } from '../policy/wanted-zones.ts';
import type { CheckInputs, CheckedZone } from '../explain/check-inputs.ts';
import type { State } from '../firewall/model.ts';
import { unionAll } from '../ip/bounds.ts';
import type { Family } from '../ip/family.ts';
import type { Policy } from '../policy/policy.ts';
import { countriesOf } from '../policy/policy.ts';
import { zoneKey, zoneName } from '../zones/zone.ts';
import { desiredState } from './desired.ts';

/**
 * Puts together what addresses are judged by: the kernel's state, and what `policy` asks of `families` by the zones of
 * the cache, or why that cannot be told (no policy, a zone of it missing).
 */
export function checkInputs(
  kernel: State | undefined,
  policy: Policy | undefined,
  families: readonly Family[],
  { zones, missing }: Pick<LoadedZones, 'missing'> & Pick<CheckInputs, 'zones'>,
): CheckInputs {
  return { kernel, policy, zones, desired: desiredOf(policy, families, zones, missing) };
}

function desiredOf(
  policy: Policy | undefined,
  families: readonly Family[],
  zones: readonly CheckedZone[],
  missing: LoadedZones['missing'],
): CheckInputs['desired'] {
  if (policy === undefined) return { reason: 'no policy is stated' };
  const asked = { ...policy, families: policy.families.filter((family) => families.includes(family)) };
  const keys = new Set(wantedZones(asked).map(zoneKey));
  const lost = missing.find(({ id }) => keys.has(zoneKey(id)));
  if (lost !== undefined) return { reason: `zone ${zoneName(lost.id)}: ${lost.reason}` };
  return desiredState(asked, (fence, family) =>
    unionAll(
      family,
      zones
        .filter(({ id }) => id.family === family && countriesOf(fence).includes(id.country))
        .map(({ bounds }) => bounds),
    ),
  );
}
