import { applyPolicy } from '../apply/apply-policy.ts';
import { openRefusals } from '../apply/check-guards.ts';
import { readUnconfirmed } from '../apply/commit-confirm.ts';
import { refuseFenceInOtherBackend } from '../apply/other-backend.ts';
import type { PreparedPolicy } from '../apply/prepare-policy.ts';
import { preparePolicy, reportApplied } from '../apply/prepare-policy.ts';
import { rollBack } from '../apply/roll-back.ts';
import { changeLockedIfPossible } from '../apply/with-lock.ts';
import { confirmedConfig } from '../context/config-in-force.ts';
import type { Context } from '../context/context.ts';
import { lockingOf } from '../context/context.ts';
import type { LoadedConfig } from '../context/load-config.ts';
import type { Outcome } from '../context/outcome.ts';
import { requirePolicy, warnOfLostPolicy } from '../context/require-policy.ts';
import { exitCodes } from '../errors.ts';
import { readSavedRulesets } from '../host/saved-rulesets.ts';
import { describeChange } from '../plan/describe-change.ts';
import { withEscapeSets } from '../plan/desired.ts';
import { withSavedSets } from '../plan/saved-sets.ts';
import { refuseUnlessForced } from '../refusal.ts';
import type { AppliedReport, ChangesReport } from '../report/applied.ts';
import { renderApplied, renderChanges } from '../report/applied.ts';
import { isSamePolicy } from '../state/same-policy.ts';
import { isReverted } from '../state/unconfirmed.ts';

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
      const { changes } = await rollBack(memory, { backendFor, now: system.now(), signal });
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

/**
 * Puts the policy of a configuration in force from the cache. When it was in force before, whom it cuts off was cut off
 * before, so the guards that look at sessions are not asked: a fence that a restart wiped must not stay away for an
 * intruder's. With `setsOnly` the rules stay as they are.
 */
async function restoreConfigured(
  { backend, store, system, flags, warn }: Context,
  config: LoadedConfig,
  { setsOnly, signal }: { readonly setsOnly: boolean; readonly signal: AbortSignal },
): Promise<Outcome<AppliedReport>> {
  const policy = requirePolicy(config);
  warnOfLostPolicy(config, warn);
  const remembered = await config.memory.policy.read();
  const wasInForce = setsOnly || isSamePolicy(config, remembered);
  const saved = setsOnly ? await readSavedRulesets(system.readText) : '';
  let preparing: Promise<PreparedPolicy> | undefined;
  const prepare = async (): Promise<PreparedPolicy> =>
    await (preparing ??= preparePolicy(store, policy, system.now()));
  const { changes } = await applyPolicy(
    backend,
    {
      wanted: async () => (await prepare()).desired,
      keep: (wanted, actual) =>
        setsOnly
          ? withSavedSets(wanted, actual, policy, saved)
          : withEscapeSets(wanted, policy, (name) => actual.sets.has(name)),
      guard: async (_, actual) => {
        const plan = await prepare();
        const { force } = flags;
        const before = wasInForce ? plan.desired : actual;
        refuseUnlessForced(await openRefusals(system, plan, before, { config, remembered, force }), force);
      },
    },
    { signal },
  );
  const prepared = await prepare();
  return {
    exitCode: exitCodes.done,
    get report() {
      return reportApplied(prepared, changes);
    },
    render: renderApplied,
  };
}
