import { readUnconfirmed } from '../apply/commit-confirm.ts';
import { refuseFenceInOtherBackend } from '../apply/other-backend.ts';
import { reportApplied } from '../apply/prepare-policy.ts';
import { readKernel } from '../apply/read-kernel.ts';
import { restorationOf, restorePolicy } from '../apply/restore-policy.ts';
import { rollBack } from '../apply/roll-back.ts';
import { changeLockedIfPossible } from '../apply/with-lock.ts';
import { confirmedConfig } from '../context/config-in-force.ts';
import type { Context } from '../context/context.ts';
import { lockingOf } from '../context/context.ts';
import type { LoadedConfig } from '../context/load-config.ts';
import type { Outcome } from '../context/outcome.ts';
import { readOrAssumeNone, reportPlanned } from '../context/report-planned.ts';
import { requirePolicy, warnOfLostPolicy } from '../context/require-policy.ts';
import { exitCodes } from '../errors.ts';
import type { Change } from '../firewall/model.ts';
import { describeChange } from '../plan/describe-change.ts';
import { diff } from '../plan/diff.ts';
import { isForced } from '../refusal.ts';
import type { AppliedReport, ChangesReport } from '../report/applied.ts';
import { renderApplied, renderChanges } from '../report/applied.ts';
import { isReverted } from '../state/unconfirmed-change.ts';

interface RestoreOptions {
  /** Whether the rules stay as they are. */
  readonly setsOnly: boolean;
}

/**
 * Puts the fence back from the cache, whatever its age: at boot and after a firewall restart there may be no network. A
 * change that waits to be confirmed is taken back instead. Throws GeofenceError when a zone is missing or the change
 * fails, RefusedError when a guard refuses.
 */
export async function restore(context: Context, { setsOnly }: RestoreOptions): Promise<Outcome> {
  const { config, backend, backendFor, system, warn } = context;
  const { memory } = config;
  await refuseFenceInOtherBackend(system, backendFor, (await backend.probe()).variant);
  return await changeLockedIfPossible(memory, { ...lockingOf(context), warn }, async (signal) => {
    const restored = await whatToRestore(context, { setsOnly });
    if (restored !== ON_TRIAL) return await restoreConfigured(context, restored, { setsOnly, signal });
    warn('taking back the change that waited to be confirmed');
    const { changes } = await rollBack(memory, { backendFor, system, signal, warn });
    return tookBack(changes, { isDryRun: false });
  });
}

/**
 * Says what restore() would do now, and changes nothing. The kernel is taken for empty where it cannot be read. A guard
 * that would refuse is part of the answer, and of the exit code. Throws what restore() throws.
 */
export async function planRestore(context: Context, { setsOnly }: RestoreOptions): Promise<Outcome> {
  const { config, backend, backendFor, store, system, signal, warn, flags } = context;
  const { memory } = config;
  const kernel = await readKernel(backend);
  if ('state' in kernel) await refuseFenceInOtherBackend(system, backendFor, kernel.state.variant);
  const restored = await whatToRestore(context, { setsOnly });
  if (restored === ON_TRIAL) {
    warn('the change that waits to be confirmed would be taken back');
    const { changes } = await rollBack(memory, { backendFor, system, signal, warn, isDryRun: true });
    return tookBack(changes, { isDryRun: true });
  }
  const policy = requirePolicy(restored);
  warnOfLostPolicy(restored, warn);
  const { force } = flags;
  const restoration = await restorationOf(
    { config: restored, memory, store, system, force, setsOnly },
    policy,
  );
  const [actual, fresh] = await Promise.all([readOrAssumeNone(context), restoration.prepare()]);
  for (const note of fresh.standIns) warn(note);
  const desired = await restoration.keep(fresh.desired, actual);
  const changes = diff(desired, actual);
  const refusals = changes.length === 0 ? [] : await restoration.refusals(actual);
  return await reportPlanned(context, {
    actual,
    prepared: { ...fresh, desired },
    changes,
    refusals: refusals.filter((refusal) => !isForced(refusal, force)),
  });
}

/** Says that a change on trial is taken back. */
const ON_TRIAL = Symbol('on trial');

/**
 * Returns the configuration that a restore goes by, with a warning where it is the one before the stated one; ON_TRIAL
 * where a change on trial is taken back instead. Throws what confirmedConfig() throws.
 */
async function whatToRestore(
  { config, system, available, warn }: Context,
  { setsOnly }: RestoreOptions,
): Promise<LoadedConfig | typeof ON_TRIAL> {
  const unconfirmed = await readUnconfirmed(config.memory, system);
  const isOpen = unconfirmed?.state === 'waiting' || unconfirmed?.state === 'expired';
  if (isOpen && !setsOnly) return ON_TRIAL;
  if (!isOpen && !isReverted(config, unconfirmed)) return config;
  const confirmed = await confirmedConfig(config, available);
  warn('the policy was taken back, for nobody confirmed it; the one before it counts');
  return confirmed;
}

const tookBack = (
  changes: readonly Change[],
  { isDryRun }: { readonly isDryRun: boolean },
): Outcome<ChangesReport> => ({
  exitCode: exitCodes.done,
  report: { applied: !isDryRun && changes.length > 0, changes: changes.map(describeChange) },
  render: (report) => renderChanges(report, 'nothing, the fence was as before', isDryRun ? 'to do' : 'done'),
});

/** The report is worked out when it is asked for, which a unit of systemd's does not. */
async function restoreConfigured(
  context: Context,
  config: LoadedConfig,
  { setsOnly, signal }: { readonly setsOnly: boolean; readonly signal: AbortSignal },
): Promise<Outcome<AppliedReport>> {
  const { warn, flags } = context;
  const policy = requirePolicy(config);
  warnOfLostPolicy(config, warn);
  const inputs = { ...context, config, memory: config.memory, force: flags.force, setsOnly, signal };
  const { prepared, changes } = await restorePolicy(inputs, policy);
  return {
    exitCode: exitCodes.done,
    get report() {
      return reportApplied(prepared, changes);
    },
    render: renderApplied,
  };
}
