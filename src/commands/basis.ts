import { unionAll } from '../ip/bounds.ts';
import type { Family } from '../ip/family.ts';
import { desiredState } from '../plan/desired.ts';
import type { Policy } from '../plan/policy.ts';
import type { State } from '../plan/state.ts';
import type { OpenedZone } from '../zones/aggregate.ts';
import { openZone } from '../zones/aggregate.ts';
import { zoneKey, zoneName } from '../zones/zone.ts';
import type { Context } from './context.ts';
import type { LoadedZone } from './load-zones.ts';
import { loadZones, wantedZones } from './load-zones.ts';
import { requirePolicy } from './policy.ts';
import { readKernel } from './read-kernel.ts';

/** What addresses are judged by. */
export interface Basis {
  /** What the kernel holds; undefined when it cannot be read. */
  readonly kernel: State | undefined;
  /** What the policy and the cached zones ask for, of the families asked about; or why that cannot be told. */
  readonly desired: State | { readonly reason: string };
  readonly policy: Policy | undefined;
  /** Every cached zone of the families, in order of the codes. */
  readonly zones: readonly CheckedZone[];
}

export type CheckedZone = LoadedZone & OpenedZone;

/** Reads the kernel, and from the cache the zones of the families that are asked about, each once. */
export async function readBasis(context: Context, families: readonly Family[]): Promise<Basis> {
  const { config, store, system, backend, note } = context;
  const kernel = await readKernel(backend);
  if ('reason' in kernel) note(`answered from the cache alone: ${kernel.reason}`);
  const policy = 'reason' in kernel ? requirePolicy(config) : config.policy;
  const isAsked = ({ family }: { family: Family }): boolean => families.includes(family);
  const wanted = policy === undefined ? [] : wantedZones(policy).filter(isAsked);
  const ids = new Map([...(await store.list()).filter(isAsked), ...wanted].map((id) => [zoneKey(id), id]));
  const loaded = await loadZones(store, [...ids.values()], system.now());
  const zones = loaded.zones.map((zone) => ({ ...zone, ...openZone(zone.id.family, zone.body) }));
  const keys = new Set(wanted.map(zoneKey));
  const missing = loaded.missing.find(({ id }) => keys.has(zoneKey(id)));
  return {
    kernel: 'state' in kernel ? kernel.state : undefined,
    desired:
      policy === undefined
        ? { reason: 'no policy is stated' }
        : missing !== undefined
          ? { reason: `zone ${zoneName(missing.id)}: ${missing.reason}` }
          : desiredOf(
              { ...policy, families: policy.families.filter((family) => families.includes(family)) },
              zones,
            ),
    policy,
    zones,
  };
}

/** As `desiredFrom`, of zones that are open already. */
const desiredOf = (policy: Policy, zones: readonly CheckedZone[]): State =>
  desiredState(policy, (fence, family) =>
    unionAll(
      family,
      zones
        .filter(({ id }) => id.family === family && fence.countries.includes(id.country))
        .map(({ bounds }) => bounds),
    ),
  );
