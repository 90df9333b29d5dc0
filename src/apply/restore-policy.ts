import type { Store } from '../cache/store.ts';
import type { StatedConfig } from '../config/stated-config.ts';
import type { Backend } from '../firewall/backend.ts';
import type { DesiredState, State } from '../firewall/model.ts';
import { findRuleLoaders } from '../host/rule-loaders.ts';
import { readSavedRulesets } from '../host/saved-rulesets.ts';
import { withOpenHoles } from '../plan/holes.ts';
import { withFormerSets } from '../plan/kept-sets.ts';
import { withSavedSets } from '../plan/saved-sets.ts';
import type { Policy } from '../policy/policy.ts';
import type { Refusal } from '../refusal.ts';
import { refuseUnlessForced } from '../refusal.ts';
import { isSamePolicy } from '../state/same-policy.ts';
import type { StateDir } from '../state/state-dir.ts';
import type { System } from '../system/system.ts';
import type { Applied } from './apply-policy.ts';
import { applyPolicy } from './apply-policy.ts';
import { openRefusals } from './check-guards.ts';
import { keepOpen } from './keep-open.ts';
import type { PreparedPolicy } from './prepare-policy.ts';
import { preparedOnce } from './prepare-policy.ts';

/** What it takes to put a policy back in force. */
export interface RestoreInputs {
  readonly config: StatedConfig;
  readonly memory: StateDir;
  readonly store: Store;
  readonly backend: Backend;
  readonly system: System;
  readonly signal: AbortSignal;
  readonly warn: (text: string) => void;
  /** Guards to pass over. */
  readonly force: ReadonlySet<string>;
  /** Whether the rules stay as they are, and every set is made that saved ones can name. */
  readonly setsOnly: boolean;
}

/** How a policy is put back, and what speaks against that. */
interface Restoration {
  readonly prepare: () => Promise<PreparedPolicy>;
  /** Adds to what the policy wants what must stay of what the kernel holds. */
  readonly keep: (wanted: DesiredState, actual: State) => Promise<DesiredState>;
  /** What the guards say against the change from `actual`, those forced before for the same policy apart. */
  readonly refusals: (actual: State) => Promise<Refusal[]>;
}

/**
 * Returns how `policy` is put back with the zones of the cache, whatever their age. For a zone that is missing, damaged
 * or not to be believed the copy that was in force before stands in; `prepare` throws RefusedError or GeofenceError
 * where there is none. When the policy was in force before, whom it cuts off was cut off before, so the guards that look
 * at sessions are not asked: a fence that a restart wiped must not stay away for an intruder's.
 */
export async function restorationOf(
  { config, memory, store, system, force, setsOnly }: Omit<RestoreInputs, 'backend' | 'signal' | 'warn'>,
  policy: Policy,
): Promise<Restoration> {
  const remembered = await memory.policy.read();
  const wasInForce = setsOnly || isSamePolicy(config, remembered);
  const rulesets = setsOnly ? await readSavedRulesets(system, (await findRuleLoaders(system)).rulesets) : [];
  const saved = rulesets.map(({ text }) => text).join('\n');
  const { settings } = config;
  const prepare = preparedOnce(
    { store, memory, settings, now: system.now(), force, standsIn: 'any' },
    policy,
  );
  return {
    prepare,
    keep: async (wanted, actual) => {
      if (setsOnly) return withSavedSets(wanted, actual, policy, saved);
      const kept = withFormerSets(wanted, policy, actual);
      return await keepOpen(withOpenHoles(kept, actual), actual, system);
    },
    refusals: async (actual) => {
      const plan = await prepare();
      const before = wasInForce ? plan.desired : actual;
      return await openRefusals(system, plan, before, { config, remembered });
    },
  };
}

/**
 * Makes the kernel hold `policy` as restorationOf() says, with a warning for each zone for which another copy stands in;
 * remembers nothing. Throws RefusedError when a guard refuses, GeofenceError when a zone is missing or the change fails.
 */
export async function restorePolicy(
  inputs: RestoreInputs,
  policy: Policy,
): Promise<Applied & { readonly prepared: PreparedPolicy }> {
  const { backend, warn, signal, force } = inputs;
  const { prepare, keep, refusals } = await restorationOf(inputs, policy);
  const applied = await applyPolicy(
    backend,
    {
      wanted: async () => (await prepare()).desired,
      keep,
      guard: async (_, actual) => refuseUnlessForced(await refusals(actual), force),
    },
    { signal },
  );
  const prepared = await prepare();
  for (const note of prepared.standIns) warn(note);
  return { ...applied, prepared };
}
