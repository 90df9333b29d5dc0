import { settingsToRemember } from '../config/load.ts';
import { exitCodes } from '../errors.ts';
import { enforce } from '../firewall/enforce.ts';
import { families } from '../ip/family.ts';
import { diff } from '../plan/diff.ts';
import { guard, refuseUnlessForced } from '../plan/guard.ts';
import { isNewSet } from '../plan/names.ts';
import type { Policy } from '../plan/policy.ts';
import { snapshotOf } from '../plan/snapshot.ts';
import type { Change, State } from '../plan/state.ts';
import { describeChange } from '../report/changes.ts';
import { fenceRows, reportFence } from '../report/fence.ts';
import { formatTable, listRows } from '../report/format.ts';
import type { Context, Outcome } from './context.ts';
import type { LoadedZone } from './load-zones.ts';
import { desiredFrom, loadZones, requireAll, wantedZones } from './load-zones.ts';
import { armRollback } from './pending.ts';
import { surroundings } from './surroundings.ts';

/** A policy with everything that is needed to carry it out. */
export interface PreparedPolicy {
  readonly policy: Policy;
  readonly desired: State;
  readonly zones: readonly LoadedZone[];
}

/** Reads the zones from the cache and works out the desired state. */
export async function preparePolicy(context: Context, policy: Policy): Promise<PreparedPolicy> {
  const loaded = await loadZones(context.store, wantedZones(policy), context.system.now());
  requireAll(loaded);
  const { zones } = loaded;
  return { policy, zones, desired: desiredFrom(policy, zones) };
}

/**
 * Changes the fence to the policy: saves what is there, checks the guards, carries out what differs, verifies, and
 * remembers the policy. With --confirm it is remembered only once it is confirmed.
 */
export async function applyPolicy(context: Context, policy: Policy, signal: AbortSignal): Promise<Outcome> {
  const { config, flags } = context;
  const prepared = await preparePolicy(context, policy);
  const before = await context.backend.read();
  const changes = diff(prepared.desired, before);
  await checkGuards(context, prepared, before);
  signal.throwIfAborted();
  const isOnTrial = flags.confirmSeconds !== undefined && changes.length > 0;
  if (changes.length > 0) {
    await saveFormer(context, before);
    if (isOnTrial) await armRollback(context, flags.confirmSeconds);
    await changeFence(context, prepared.desired, before, changes);
  }
  if (!isOnTrial) await config.memory.policy.write(settingsToRemember(config));
  return outcomeOf(prepared, changes, 'applied', isOnTrial ? flags.confirmSeconds : undefined);
}

/** Keeps what is there now, for `rollback`. */
export async function saveFormer({ config, system }: Context, before: State): Promise<void> {
  const { former, policy } = config.memory;
  const savedAt = new Date(system.now()).toISOString();
  await former.write({ savedAt, fence: snapshotOf(before), policy: await policy.read() });
}

/** A change that failed was put back at once: nothing is left to be confirmed. */
async function changeFence(
  { backend, config }: Context,
  desired: State,
  before: State,
  changes: readonly Change[],
): Promise<void> {
  try {
    await enforce(backend, desired, before, changes);
  } catch (error) {
    await config.memory.pending.forget();
    throw error;
  }
}

/**
 * Puts a policy that was in force before in force again. Whom it cuts off was cut off before, so the guards that look
 * at sessions are not asked: a fence that a restart wiped must not stay away for an intruder's session.
 *
 * `setsOnly` is for early boot: a saved ruleset that names a missing set cannot be restored, and the host would come
 * up without any firewall.
 */
export async function putInForce(
  context: Context,
  policy: Policy,
  { signal, setsOnly }: { signal: AbortSignal; setsOnly: boolean },
): Promise<Outcome> {
  const prepared = await preparePolicy(context, policy);
  const before = await context.backend.read();
  const desired = setsOnly ? withSetsOf(before, prepared.desired) : prepared.desired;
  const changes = diff(desired, before);
  await checkGuards(context, prepared, prepared.desired);
  signal.throwIfAborted();
  if (changes.length > 0) await enforce(context.backend, desired, before, changes);
  return outcomeOf(prepared, changes, 'applied');
}

/** What is there, rules and all, and the wanted sets beside it. */
const withSetsOf = (actual: State, desired: State): State => ({
  sets: new Map([...[...actual.sets].filter(([name]) => !isNewSet(name)), ...desired.sets]),
  rulesets: actual.rulesets,
});

/** Throws when a guard refuses and is not forced. */
export async function checkGuards(
  context: Context,
  { desired, policy }: PreparedPolicy,
  before: State,
): Promise<void> {
  refuseUnlessForced(guard(desired, before, policy, await surroundings(context)), context.flags.force);
}

/** The answer of `refresh`, `restore` and `plan`: the same fields for all. */
export function outcomeOf(
  { policy, desired, zones }: PreparedPolicy,
  changes: readonly Change[],
  result: 'applied' | 'planned',
  confirmSeconds?: number,
): Outcome {
  const open = families.filter((family) => !policy.families.includes(family)).map(({ label }) => label);
  const report = reportFence(
    policy,
    desired,
    (family) => zones.filter(({ id }) => id.family === family).length,
  );
  const done = changes.map(describeChange);
  const label = result === 'applied' ? 'done' : 'to do';
  return {
    exitCode: exitCodes.done,
    text: formatTable([
      ...report.flatMap((fence) => fenceRows(fence, open)),
      ...listRows(label, done, 'nothing, the fence is as it should be'),
      ...(confirmSeconds === undefined
        ? []
        : [['confirm', `within ${confirmSeconds} seconds, or it is taken back: geofence confirm`] as const]),
    ]),
    json: {
      fences: report,
      openFamilies: open,
      applied: result === 'applied' && done.length > 0,
      changes: done,
      ...(confirmSeconds === undefined ? {} : { confirmSeconds }),
    },
  };
}
