import { readUnconfirmed } from '../apply/commit-confirm.ts';
import { refuseFenceInOtherBackend } from '../apply/other-backend.ts';
import { reportApplied } from '../apply/prepare-policy.ts';
import { restorePolicy } from '../apply/restore-policy.ts';
import { rollBack } from '../apply/roll-back.ts';
import { changeLockedIfPossible } from '../apply/with-lock.ts';
import { confirmedConfig } from '../context/config-in-force.ts';
import type { Context } from '../context/context.ts';
import { lockingOf } from '../context/context.ts';
import type { LoadedConfig } from '../context/load-config.ts';
import type { Outcome } from '../context/outcome.ts';
import { requirePolicy, warnOfLostPolicy } from '../context/require-policy.ts';
import { exitCodes } from '../errors.ts';
import { describeChange } from '../plan/describe-change.ts';
import type { AppliedReport, ChangesReport } from '../report/applied.ts';
import { renderApplied, renderChanges } from '../report/applied.ts';
import { isReverted } from '../state/unconfirmed-change.ts';

/**
 * Puts the fence back from the cache, whatever its age: at boot and after a firewall restart there may be no network. A
 * change that waits to be confirmed is taken back instead. With `setsOnly` the rules stay as they are. Throws
 * GeofenceError when a zone is missing or the change fails, RefusedError when a guard refuses.
 */
export async function restore(
  context: Context,
  { setsOnly }: { readonly setsOnly: boolean },
): Promise<Outcome> {
  const { config, backend, backendFor, system, available, warn } = context;
  const { memory } = config;
  await refuseFenceInOtherBackend(system, backendFor, (await backend.probe()).variant);
  return await changeLockedIfPossible(memory, { ...lockingOf(context), warn }, async (signal) => {
    const unconfirmed = await readUnconfirmed(memory, system);
    const isOpen = unconfirmed?.state === 'waiting' || unconfirmed?.state === 'expired';
    if (isOpen && !setsOnly) {
      warn('taking back the change that waited to be confirmed');
      const { changes } = await rollBack(memory, { backendFor, system, signal, warn });
      return tookBack(changes.map(describeChange));
    }
    if (!isOpen && !isReverted(config, unconfirmed))
      return await restoreConfigured(context, config, { setsOnly, signal });
    const confirmed = await confirmedConfig(config, available);
    warn('the policy was taken back, for nobody confirmed it; the one before it counts');
    return await restoreConfigured(context, confirmed, { setsOnly, signal });
  });
}

const tookBack = (changes: readonly string[]): Outcome<ChangesReport> => ({
  exitCode: exitCodes.done,
  report: { applied: changes.length > 0, changes },
  render: (report) => renderChanges(report, 'nothing, the fence was as before'),
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
