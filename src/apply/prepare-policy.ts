import { fenceBoundsOf, wantedZones } from '../policy/wanted-zones.ts';
import { requireAll } from '../cache/load-zones.ts';
import type { Change, DesiredState } from '../firewall/model.ts';
import { isEmpty } from '../ip/bounds.ts';
import { families } from '../ip/family.ts';
import { describeChange } from '../plan/describe-change.ts';
import { desiredState } from '../plan/desired.ts';
import { reportFence } from '../plan/report-fence.ts';
import { reportAccess } from '../policy/who-gets-in.ts';
import type { FenceBounds, Policy } from '../policy/policy.ts';
import { describeFence } from '../policy/describe.ts';
import { refuseUnlessForced } from '../refusal.ts';
import type { AppliedReport } from '../report/applied.ts';
import type { PolicyReport } from '../report/fence.ts';
import type { BelievedZones, ZoneInputs } from './believed-zones.ts';
import { loadBelieved } from './believed-zones.ts';

/** A policy with everything that is needed to carry it out. */
export interface PreparedPolicy extends Omit<BelievedZones, 'missing'> {
  readonly policy: Policy;
  readonly desired: DesiredState;
  /** What of it comes from the countries. */
  readonly boundsOf: FenceBounds;
}

/**
 * Reads the zones of a policy from the cache and works out the desired state. Throws GeofenceError when a zone is missing
 * or damaged, RefusedError when one is not to be believed and something should stand in; else its `refusals` are the
 * caller's to throw.
 */
export async function preparePolicy(inputs: ZoneInputs, policy: Policy): Promise<PreparedPolicy> {
  const { missing, ...believed } = await loadBelieved(inputs, wantedZones(policy));
  if (inputs.standsIn !== 'none') refuseUnlessForced(believed.refusals, inputs.force);
  requireAll({ missing, zones: believed.zones });
  const boundsOf = fenceBoundsOf(believed.zones);
  return { ...believed, policy, boundsOf, desired: desiredState(policy, boundsOf) };
}

/**
 * Returns what prepares a policy when it is first called, and returns the same every time: a change asks for it while
 * the tools look at the kernel, and again for the guards and the report. Throws RefusedError when a zone is not to be
 * believed.
 */
export function preparedOnce(inputs: ZoneInputs, policy: Policy): () => Promise<PreparedPolicy> {
  const prepare = async (): Promise<PreparedPolicy> => {
    const prepared = await preparePolicy(inputs, policy);
    refuseUnlessForced(prepared.refusals, inputs.force);
    return prepared;
  };
  let preparing: Promise<PreparedPolicy> | undefined;
  return async () => await (preparing ??= prepare());
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
  access: reportAccess(policy.fences),
  openFamilies: families.filter((family) => !policy.families.includes(family)).map(({ label }) => label),
});

/** Reports a prepared policy with its sizes, and the changes that were made in the kernel for it, in words. */
export const reportApplied = (prepared: PreparedPolicy, changes: readonly Change[]): AppliedReport => ({
  ...reportPolicy(prepared),
  applied: changes.length > 0,
  changes: changes.map(describeChange),
});
