import { exitCodes } from '../errors.ts';
import { isEmpty } from '../ip/bounds.ts';
import { families } from '../ip/family.ts';
import { diff } from '../plan/diff.ts';
import type { Refusal } from '../plan/guard-names.ts';
import { guard, refuseUnlessForced } from '../plan/guard.ts';
import { desiredState, withEscapeSets } from '../plan/desired.ts';
import type { FenceBounds, Policy } from '../policy/policy.ts';
import { describeFence } from '../policy/policy.ts';
import type { Change, DesiredState, State } from '../firewall/model.ts';
import { describeChange } from '../plan/describe-change.ts';
import type { FenceReport } from '../report/fence.ts';
import { fenceRows, reportFence } from '../report/fence.ts';
import { formatTable, listRows, wrapItem } from '../words/format.ts';
import { changeFence } from './change-fence.ts';
import type { Context, Outcome } from '../context/context.ts';
import type { LoadedZone } from '../cache/load-zones.ts';
import { fenceBoundsOf, loadZones, requireAll, wantedZones } from '../cache/load-zones.ts';
import { findWarnings } from '../health/warnings.ts';
import { overriddenOptions } from '../config/overridden-options.ts';
import { closeUnconfirmed } from './commit-confirm.ts';
import { isSamePolicy, toRemember } from '../state/same-policy.ts';
import { refuseFenceInOtherBackend } from './other-backend.ts';
import { readHostFacts } from '../host/host-facts.ts';

/** A policy with everything that is needed to carry it out. */
export interface PreparedPolicy {
  readonly policy: Policy;
  readonly desired: DesiredState;
  /** What of it comes from the countries. */
  readonly boundsOf: FenceBounds;
  readonly zones: readonly LoadedZone[];
}

/** Reads the zones from the cache and works out the desired state. */
export async function preparePolicy(context: Context, policy: Policy): Promise<PreparedPolicy> {
  const loaded = await loadZones(context.store, wantedZones(policy), context.system.now());
  requireAll(loaded);
  const { zones } = loaded;
  const boundsOf = fenceBoundsOf(zones);
  return { policy, zones, boundsOf, desired: desiredState(policy, boundsOf) };
}

/**
 * Changes the fence to the policy: checks the guards, carries out what differs, verifies, and remembers the policy. With
 * --confirm it is remembered only once it is confirmed.
 */
export async function applyPolicy(context: Context, policy: Policy): Promise<Outcome> {
  const { config, flags, signal, backend } = context;
  const { memory } = config;
  // The tools look at the kernel while zones are read.
  const [before, fresh] = await Promise.all([backend.read('content'), preparePolicy(context, policy)]);
  const prepared = keepEscapeSets(fresh, before);
  await refuseFenceInOtherBackend(context, before.variant);
  const changes = diff(prepared.desired, before);
  if (changes.length > 0) await checkGuards(context, prepared, before);
  const remembered = await memory.policy.read();
  // Once for a policy: a job that says the same every week is read by nobody.
  if (!isSamePolicy(config, remembered)) {
    for (const { message } of await findWarnings(context.system, policy)) context.warn(message);
  }
  for (const option of overriddenOptions(config)) {
    context.warn(
      `"${config.policyFile}" states the policy: ${option} holds until the next refresh without it`,
    );
  }
  for (const fence of emptyDenials(prepared)) context.warn(`"${fence}" holds no address: nobody is kept out`);
  signal.throwIfAborted();
  if (changes.length > 0) await changeFence(context, prepared.desired, before, changes);
  const isOnTrial = flags.confirmSeconds !== undefined && changes.length > 0;
  if (!isOnTrial) {
    await memory.policy.write(toRemember(config, flags.force, remembered));
    await closeUnconfirmed(context);
  }
  return outcomeOf(prepared, changes, isOnTrial ? flags.confirmSeconds : undefined);
}

/** What was there of earlier versions stays: rules that somebody saved may name it. */
export const keepEscapeSets = (prepared: PreparedPolicy, actual: State): PreparedPolicy => ({
  ...prepared,
  desired: withEscapeSets(prepared.desired, prepared.policy, (name) => actual.sets.has(name)),
});

/** Deny fences whose countries have no network at all. */
const emptyDenials = ({ policy, boundsOf }: PreparedPolicy): string[] =>
  policy.fences
    .filter(({ mode }) => mode === 'deny')
    .filter((fence) => policy.families.every((family) => isEmpty(boundsOf(fence, family))))
    .map(describeFence);

/** Throws when a guard refuses and is not forced. */
export async function checkGuards(context: Context, prepared: PreparedPolicy, before: State): Promise<void> {
  refuseUnlessForced(await openRefusals(context, prepared, before), new Set());
}

/** What the guards say against it and nobody forced. */
export async function openRefusals(
  context: Context,
  { desired, policy, boundsOf }: PreparedPolicy,
  before: State,
): Promise<Refusal[]> {
  const { config, flags } = context;
  const remembered = await config.memory.policy.read();
  // What was forced once need not be forced every week, nor at boot.
  const forced = isSamePolicy(config, remembered) ? (remembered?.forced ?? []) : [];
  const refusals = guard({ desired, before, policy, boundsOf }, await readHostFacts(context));
  return refusals.filter(({ guard: name }) => !flags.force.has(name) && !forced.includes(name));
}

/** What the policy comes to, and the families it leaves open. */
export const describePolicy = ({
  policy,
  desired,
  boundsOf,
  zones,
}: PreparedPolicy): { fences: FenceReport[]; openFamilies: string[] } => ({
  fences: reportFence(
    policy,
    desired,
    boundsOf,
    (family) => zones.filter(({ id }) => id.family === family).length,
  ),
  openFamilies: families.filter((family) => !policy.families.includes(family)).map(({ label }) => label),
});

/** The answer of `refresh` and `restore`; worked out when it is asked for, which a job of cron's does not. */
export function outcomeOf(
  prepared: PreparedPolicy,
  changes: readonly Change[],
  confirmSeconds?: number,
): Outcome {
  const unconfirmed = confirmSeconds === undefined ? {} : { confirmSeconds };
  return {
    exitCode: exitCodes.done,
    get text() {
      const { fences, openFamilies } = describePolicy(prepared);
      return formatTable([
        ...fences.flatMap((fence) => fenceRows(fence, openFamilies)),
        ...listRows(
          'done',
          changes.map(describeChange).flatMap(wrapItem),
          'nothing, the fence is as it should be',
        ),
        ...(confirmSeconds === undefined
          ? []
          : [
              ['confirm', `within ${confirmSeconds} seconds, or it is taken back: geofence confirm`] as const,
            ]),
      ]);
    },
    get json() {
      const done = changes.map(describeChange);
      return { ...describePolicy(prepared), applied: done.length > 0, changes: done, ...unconfirmed };
    },
  };
}
