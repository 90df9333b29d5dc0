import type { System } from '../system/system.ts';
import type { LoadedZone } from '../zones/loaded-zone.ts';
import { fenceBoundsOf, wantedZones } from '../policy/wanted-zones.ts';
import { loadZones, requireAll } from '../cache/load-zones.ts';
import type { Store } from '../cache/store.ts';
import type { Change, DesiredState } from '../firewall/model.ts';
import { isEmpty } from '../ip/bounds.ts';
import { families } from '../ip/family.ts';
import { describeChange } from '../plan/describe-change.ts';
import { desiredState } from '../plan/desired.ts';
import { reportFence } from '../plan/report-fence.ts';
import type { FenceBounds, Policy } from '../policy/policy.ts';
import { describeFence } from '../policy/describe.ts';
import type { AppliedReport } from '../report/applied.ts';
import type { PolicyReport } from '../report/fence.ts';

/** A policy with everything that is needed to carry it out. */
export interface PreparedPolicy {
  readonly policy: Policy;
  readonly desired: DesiredState;
  /** What of it comes from the countries. */
  readonly boundsOf: FenceBounds;
  readonly zones: readonly LoadedZone[];
}

/**
 * Reads the zones of a policy from the cache and works out the desired state; `now` is in milliseconds since the epoch,
 * `load` reads the zones. Throws GeofenceError when a zone is missing or damaged.
 */
export async function preparePolicy(
  store: Store,
  policy: Policy,
  now: number,
  load: typeof loadZones = loadZones,
): Promise<PreparedPolicy> {
  const loaded = await load(store, wantedZones(policy), now);
  requireAll(loaded);
  const { zones } = loaded;
  const boundsOf = fenceBoundsOf(zones);
  return { policy, zones, boundsOf, desired: desiredState(policy, boundsOf) };
}

/**
 * Returns what prepares a policy when it is first called, and returns the same every time: a change asks for it while
 * the tools look at the kernel, and again for the guards and the report.
 */
export function preparedOnce(
  store: Store,
  policy: Policy,
  { now }: Pick<System, 'now'>,
  load?: typeof loadZones,
): () => Promise<PreparedPolicy> {
  let preparing: Promise<PreparedPolicy> | undefined;
  return async () => await (preparing ??= preparePolicy(store, policy, now(), load));
}

/**
 * The deny fences of a policy whose countries have no network in any fenced family, each as a phrase: "deny BV (Bouvet
 * Island)".
 */
export const emptyDenials = ({ policy, boundsOf }: PreparedPolicy): string[] =>
  policy.fences
    .filter(({ mode }) => mode === 'deny')
    .filter((fence) => policy.families.every((family) => isEmpty(boundsOf(fence, family))))
    .map(describeFence);

/** Reports the fences of a prepared policy with their sizes, and the names of the families it leaves open. */
export const reportPolicy = ({ policy, desired, boundsOf, zones }: PreparedPolicy): PolicyReport => ({
  fences: reportFence(policy, desired, boundsOf, zones),
  openFamilies: families.filter((family) => !policy.families.includes(family)).map(({ label }) => label),
});

/** Reports a prepared policy with its sizes, and the changes that were made in the kernel for it, in words. */
export const reportApplied = (prepared: PreparedPolicy, changes: readonly Change[]): AppliedReport => ({
  ...reportPolicy(prepared),
  applied: changes.length > 0,
  changes: changes.map(describeChange),
});
