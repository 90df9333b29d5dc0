import type { Store } from '../cache/store.ts';
import type { StatedConfig } from '../config/stated-config.ts';
import type { Actual, Backend } from '../firewall/backend.ts';
import type { Variant } from '../firewall/variants.ts';
import { withEscapeSets } from '../plan/desired.ts';
import type { Policy } from '../policy/policy.ts';
import { refuseUnlessForced } from '../refusal.ts';
import type { AppliedPolicy } from '../state/applied-policy.ts';
import { isSamePolicy, toRemember } from '../state/same-policy.ts';
import type { StateDir } from '../state/state-dir.ts';
import { revertedRefusals } from '../state/unconfirmed-change.ts';
import type { System } from '../system/system.ts';
import type { Applied } from './apply-policy.ts';
import { applyPolicy } from './apply-policy.ts';
import { rememberZones } from './believed-zones.ts';
import { openRefusals } from './check-guards.ts';
import { armRollback, readUnconfirmed, requireNoneWaiting } from './commit-confirm.ts';
import { keepOpen } from './keep-open.ts';
import { refuseFenceInOtherBackend } from './other-backend.ts';
import type { PreparedPolicy } from './prepare-policy.ts';
import { preparedOnce } from './prepare-policy.ts';
import { rollBack } from './roll-back.ts';
import { saveFormer } from './save-former.ts';

/** What a change to a stated policy needs. */
export interface RefreshInputs {
  readonly config: StatedConfig;
  readonly memory: StateDir;
  readonly store: Store;
  readonly backend: Backend;
  readonly backendFor: (variant: Variant) => Backend;
  readonly system: System;
  readonly warn: (text: string) => void;
  readonly signal: AbortSignal;
  /** Guards to pass over. */
  readonly force: ReadonlySet<string>;
  /** After how long the change is taken back unless it is confirmed. */
  readonly confirmSeconds?: number | undefined;
}

/** What a refresh changed, and under which policy. */
export interface Refreshed extends Applied {
  readonly prepared: PreparedPolicy;
  /** Whether the policy is another than the one in force before. */
  readonly isNew: boolean;
  /** Whether the change waits to be confirmed: the policy is remembered only then. */
  readonly isOnTrial: boolean;
}

/**
 * Makes the kernel hold `policy` with the zones of the cache, and remembers it, on a trial only once confirmed. A
 * change whose trial ran out is taken back first. Needs the lock of the state folder. Throws RefusedError when a guard
 * refuses, GeofenceError when a change waits to be confirmed, a zone is missing, another iptables has a fence, or the
 * change fails.
 */
export async function refreshPolicy(inputs: RefreshInputs, policy: Policy): Promise<Refreshed> {
  const { config, memory, store, backend, backendFor, system, signal, force, confirmSeconds } = inputs;
  await takeBackExpired(inputs);
  const reverted = revertedRefusals(config, await readUnconfirmed(memory, system));
  if (confirmSeconds === undefined) refuseUnlessForced(reverted, force);
  const remembered = await memory.policy.read();
  const next = toRemember(config, force, remembered);
  const { settings } = config;
  const zoneInputs = { store, memory, settings, now: system.now(), force, standsIn: 'none' as const };
  const prepare = preparedOnce(zoneInputs, policy);
  const applied = await applyPolicy(
    backend,
    {
      wanted: async () => (await prepare()).desired,
      keep: async (wanted, actual) =>
        await keepOpen(withEscapeSets(wanted, policy, actual.sets), actual, system),
      check: async ({ variant }) => await refuseFenceInOtherBackend(system, backendFor, variant),
      guard: async (desired, actual) => {
        const plan = { ...(await prepare()), desired };
        refuseUnlessForced(await openRefusals(system, plan, actual, { config, remembered }), force);
      },
      remember: async (actual) => await prepareUndo(inputs, actual, next),
      record: async (isApplied) => {
        await rememberZones(memory, await prepare());
        if (confirmSeconds === undefined || !isApplied) await rememberPolicy(inputs, next);
      },
    },
    { signal },
  );
  const isOnTrial = confirmSeconds !== undefined && applied.isApplied;
  return { ...applied, prepared: await prepare(), isNew: !isSamePolicy(config, remembered), isOnTrial };
}

/** A change whose timer is gone is taken back now: nobody confirmed it. */
async function takeBackExpired(inputs: RefreshInputs): Promise<void> {
  const { memory, backend, backendFor, system, signal, warn } = inputs;
  const unconfirmed = await readUnconfirmed(memory, system);
  requireNoneWaiting(unconfirmed);
  if (unconfirmed?.state !== 'expired') return;
  await refuseFenceInOtherBackend(system, backendFor, (await backend.probe()).variant);
  warn(`taking back the change that nobody confirmed until ${unconfirmed.pending.until}: its timer is gone`);
  await rollBack(memory, { backendFor, system, signal });
}

/**
 * Saves what is there now, so that `rollback` can undo the change, and sets the clock of a trial. Returns what makes the
 * state files say again what they said.
 */
async function prepareUndo(
  { config, memory, backend, system, confirmSeconds: seconds }: RefreshInputs,
  actual: Actual,
  policy: AppliedPolicy,
): Promise<() => Promise<void>> {
  const files = [memory.former.keep(), memory.pending.keep()];
  const putBack = async (): Promise<void> => {
    const ends = await Promise.allSettled(files.map(async (put) => await put()));
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  };
  const { iptables } = config.settings;
  await saveFormer(memory, { backend, actual, iptables, now: system.now() });
  try {
    const { cacheDir } = config;
    if (seconds !== undefined) await armRollback(memory, system, { seconds, policy, cacheDir });
  } catch (error) {
    await putBack();
    throw error;
  }
  return putBack;
}

/**
 * Remembers the policy, and forgets the trial before it now that another policy is in force: unless nobody confirmed
 * that one and it may still stand in the configuration file, for no timer may bring it back.
 */
async function rememberPolicy(
  { config, memory, system }: RefreshInputs,
  policy: AppliedPolicy,
): Promise<void> {
  await memory.policy.write(policy);
  const unconfirmed = await readUnconfirmed(memory, system);
  const isOther = unconfirmed?.state === 'reverted' && !isSamePolicy(config, unconfirmed.pending.policy);
  if (!isOther || config.filePolicy === undefined) await memory.pending.forget();
}
