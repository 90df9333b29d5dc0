import type { Store } from '../cache/store.ts';
import { messageOf } from '../errors.ts';
import type { StatedConfig } from '../config/stated-config.ts';
import type { Actual, Backend } from '../firewall/backend.ts';
import type { Variant } from '../firewall/variants.ts';
import { withOpenHoles } from '../plan/holes.ts';
import { withFormerSets } from '../plan/kept-sets.ts';
import type { Policy } from '../policy/policy.ts';
import { refuseUnlessForced } from '../refusal.ts';
import type { AppliedPolicy } from '../state/applied-policy.ts';
import { isOverridden, isSamePolicy, toRemember } from '../state/same-policy.ts';
import type { StateDir } from '../state/state-dir.ts';
import type { UnconfirmedChange } from '../state/unconfirmed-change.ts';
import { revertedRefusals } from '../state/unconfirmed-change.ts';
import type { FileBeside } from '../system/write-file.ts';
import type { System } from '../system/system.ts';
import type { Applied } from './apply-policy.ts';
import { applyPolicy } from './apply-policy.ts';
import { rememberZones } from './believed-zones.ts';
import { openRefusals } from './check-guards.ts';
import { armRollback, recordTrial, requireNoneWaiting } from './commit-confirm.ts';
import { keepOpen } from './keep-open.ts';
import { noteKept, readKept } from './kept-sets.ts';
import { makeBackup } from './make-backup.ts';
import { refuseFenceInOtherBackend } from './other-backend.ts';
import type { PreparedPolicy } from './prepare-policy.ts';
import { preparedOnce } from './prepare-policy.ts';
import { takeBackIfOverdue } from './take-back-overdue.ts';

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
  /** Whether what is to be remembered of it is written. */
  readonly isRemembered: boolean;
}

/**
 * Makes the kernel hold `policy` with the zones of the cache, and remembers it, on a trial only once confirmed. A
 * change whose trial ran out is taken back first. The state is on the disk before the kernel is changed: where there is
 * no room for it, nothing happens. Needs the locks of state and kernel. Throws RefusedError when a guard refuses,
 * GeofenceError when a change waits to be confirmed, a zone is missing, another iptables has a fence, the state cannot
 * be written, or the change fails.
 */
export async function refreshPolicy(inputs: RefreshInputs, policy: Policy): Promise<Refreshed> {
  const { config, memory, store, backend, backendFor, system, signal, warn, force, confirmSeconds } = inputs;
  const unconfirmed = await takeBackIfOverdue(inputs, signal);
  requireNoneWaiting(unconfirmed);
  if (confirmSeconds === undefined) refuseUnlessForced(revertedRefusals(config, unconfirmed), force);
  const remembered = await memory.policy.read();
  const next = toRemember(config, force, remembered);
  const { settings } = config;
  const zoneInputs = { store, memory, settings, now: system.now(), force, standsIn: 'none' as const };
  const prepare = preparedOnce(zoneInputs, policy);
  let state: PreparedState | undefined;
  let isRemembered = false;
  const isKept = await readKept(memory, system.now());
  const applied = await applyPolicy(
    backend,
    {
      wanted: async () => (await prepare()).desired,
      keep: async (wanted, actual) => {
        const kept = withFormerSets(wanted, policy, actual, isKept);
        return await keepOpen(withOpenHoles(kept, actual), actual, system);
      },
      check: async ({ variant }) => await refuseFenceInOtherBackend(system, backendFor, variant),
      guard: async (desired, actual) => {
        const plan = { ...(await prepare()), desired };
        refuseUnlessForced(await openRefusals(system, plan, actual, { config, remembered }), force);
      },
      remember: async (actual) => {
        state = await prepareState(inputs, actual, next);
        return state.putBack;
      },
      record: async ({ desired, isApplied }) => {
        try {
          if (confirmSeconds === undefined || !isApplied)
            await rememberPolicy(inputs, state?.policy ?? (await memory.policy.prepare(next)), unconfirmed);
          await rememberZones(memory, await prepare());
          if (confirmSeconds === undefined || !isApplied) await noteKept(memory, desired, system.now());
          isRemembered = true;
        } catch (error) {
          // The firewall is not as it was, so this is no failure of the change.
          if (!isApplied) throw error;
          warn(
            `the fence is in force, and not remembered: ${messageOf(error)}; the next refresh and restore go by what is`,
          );
        }
      },
    },
    { signal },
  );
  const isOnTrial = confirmSeconds !== undefined && applied.isApplied;
  const isNew = !isSamePolicy(config, remembered);
  return { ...applied, prepared: await prepare(), isNew, isOnTrial, isRemembered };
}

/** The state files of a change, written. */
interface PreparedState {
  /** The policy, beside its place until the change is made; none on a trial. */
  readonly policy: FileBeside | undefined;
  /** Makes the state files say again what they said. */
  readonly putBack: () => Promise<void>;
}

/**
 * Saves what is there now, so that `rollback` can undo the change, and sets the clock of a trial. All is written before
 * any of it is put in its place.
 */
async function prepareState(
  { config, memory, backend, system, confirmSeconds: seconds }: RefreshInputs,
  actual: Actual,
  next: AppliedPolicy,
): Promise<PreparedState> {
  const { iptables } = config.settings;
  const record = seconds === undefined ? undefined : await recordTrial(system, seconds, next);
  const backup = await makeBackup(memory, { backend, actual, iptables, now: system.now() });
  const former = await memory.former.prepare(backup);
  const other = await orUndo(former.discard, async () =>
    record === undefined ? await memory.policy.prepare(next) : await memory.pending.prepare(record),
  );
  const undo = [former.discard, other.discard, memory.former.keep(), memory.pending.keep()];
  const putBack = async (): Promise<void> => {
    const ends = await Promise.allSettled(undo.map(async (step) => await step()));
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  };
  await orUndo(putBack, async () => {
    await former.place();
    if (record === undefined || seconds === undefined) return;
    await other.place();
    await armRollback(memory, system, { id: record.id, seconds, cacheDir: config.cacheDir });
  });
  return { policy: record === undefined ? other : undefined, putBack };
}

async function orUndo<T>(undo: () => Promise<void>, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await undo();
    throw error;
  }
}

/**
 * Remembers the policy, and forgets the trial before it: unless nobody confirmed that one and files may still state it,
 * for no timer may bring it back.
 */
async function rememberPolicy(
  { config, memory }: RefreshInputs,
  policy: FileBeside,
  unconfirmed: UnconfirmedChange | undefined,
): Promise<void> {
  await policy.place();
  if (unconfirmed === undefined || !isOverridden(config, unconfirmed.pending.policy))
    await memory.pending.forget();
}
