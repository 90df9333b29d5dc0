import { unionAll } from '../ip/bounds.ts';
import type { Family } from '../ip/family.ts';
import { desiredState } from '../plan/desired.ts';
import type { Policy } from '../policy/policy.ts';
import type { DesiredState, State } from '../firewall/model.ts';
import type { OpenedZone } from '../zones/aggregate.ts';
import { openZone } from '../zones/aggregate.ts';
import type { ZoneId } from '../zones/zone.ts';
import { zoneKey, zoneName } from '../zones/zone.ts';
import type { Context } from '../context/context.ts';
import type { LoadedZone, LoadedZones } from '../cache/load-zones.ts';
import { loadZones, wantedZones } from '../cache/load-zones.ts';
import { requirePolicy } from '../config/require-policy.ts';
import { readKernel } from './read-kernel.ts';

/** What addresses are judged by. */
export interface CheckInputs {
  /** What the kernel holds; undefined when it cannot be read. */
  readonly kernel: State | undefined;
  /** What the policy and the cached zones ask for, of the families asked about; or why that cannot be told. */
  readonly desired: DesiredState | { readonly reason: string };
  readonly policy: Policy | undefined;
  /** Every cached zone of the families, in order of the codes. */
  readonly zones: readonly CheckedZone[];
}

export type CheckedZone = LoadedZone & OpenedZone;

/** Reads the kernel, and meanwhile from the cache the zones of the families that are asked about, each once. */
export async function readCheckInputs(context: Context, families: readonly Family[]): Promise<CheckInputs> {
  const { config, backend, info } = context;
  const { policy } = config;
  const isAsked = ({ family }: { family: Family }): boolean => families.includes(family);
  const wanted = policy === undefined ? [] : wantedZones(policy).filter(isAsked);
  const [kernel, { zones, missing }] = await Promise.all([
    readKernel(backend),
    openZones(context, wanted, isAsked),
  ]);
  if ('reason' in kernel) {
    info(`answered from the cache alone: ${kernel.reason}`);
    requirePolicy(config);
  }
  const keys = new Set(wanted.map(zoneKey));
  const lost = missing.find(({ id }) => keys.has(zoneKey(id)));
  return {
    kernel: 'state' in kernel ? kernel.state : undefined,
    desired:
      policy === undefined
        ? { reason: 'no policy is stated' }
        : lost !== undefined
          ? { reason: `zone ${zoneName(lost.id)}: ${lost.reason}` }
          : desiredOf(
              { ...policy, families: policy.families.filter((family) => families.includes(family)) },
              zones,
            ),
    policy,
    zones,
  };
}

/** Those in the cache, and what is wanted besides. */
async function openZones(
  { store, system }: Context,
  wanted: readonly ZoneId[],
  isAsked: (id: ZoneId) => boolean,
): Promise<Pick<LoadedZones, 'missing'> & Pick<CheckInputs, 'zones'>> {
  const ids = new Map([...(await store.list()).filter(isAsked), ...wanted].map((id) => [zoneKey(id), id]));
  const { zones, missing } = await loadZones(store, [...ids.values()], system.now());
  return { zones: zones.map((zone) => ({ ...zone, ...openZone(zone.id.family, zone.body) })), missing };
}

/** The state that a policy asks for, of zones that are open already. */
const desiredOf = (policy: Policy, zones: readonly CheckedZone[]): DesiredState =>
  desiredState(policy, (fence, family) =>
    unionAll(
      family,
      zones
        .filter(({ id }) => id.family === family && fence.countries.includes(id.country))
        .map(({ bounds }) => bounds),
    ),
  );
