import type { LoadedZones } from '../zones/loaded-zone.ts';
import { wantedZones } from '../policy/wanted-zones.ts';
import type { CheckInputs, CheckedZone } from '../explain/check-inputs.ts';
import type { State } from '../firewall/model.ts';
import { unionAll } from '../ip/bounds.ts';
import type { Family } from '../ip/family.ts';
import type { Policy } from '../policy/policy.ts';
import { countriesOf } from '../policy/policy.ts';
import { formatAge } from '../words/format.ts';
import { zoneKey, zoneName } from '../zones/zone.ts';
import { withHolesOf } from './holes.ts';
import { describeOpenPorts, openPortsIn } from './report-holes.ts';
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
  const desired = desiredOf(policy, families, zones, missing);
  return {
    kernel,
    policy,
    zones,
    desired: kernel === undefined || 'reason' in desired ? desired : withHolesOf(desired, kernel),
    open: kernel === undefined ? [] : openWays(kernel),
  };
}

const openWays = (kernel: State): CheckInputs['open'] =>
  openPortsIn(kernel).map((ports) => ({
    way: `${describeOpenPorts(ports)}, ${ports.secondsLeft === 0 ? 'open without an end' : `open for ${formatAge(ports.secondsLeft * 1000)} more`}`,
    example: { protocol: ports.protocol, port: ports.from },
  }));

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
