import { messageOf } from '../errors.ts';
import type { Actual, Backend } from '../firewall/backend.ts';
import type { Variant } from '../firewall/variants.ts';
import type { Change, DesiredState } from '../firewall/model.ts';
import { hasRules, noFence } from '../firewall/rulesets.ts';
import { asWanted } from '../plan/as-wanted.ts';
import type { StateDir } from '../state/state-dir.ts';
import type { System } from '../system/system.ts';
import type { Intent } from './apply-policy.ts';
import { applyPolicy } from './apply-policy.ts';
import { makeBackup } from './make-backup.ts';
import { findFenceInOtherBackend } from './other-backend.ts';
import type { ChangeLocking } from './with-lock.ts';
import { changeLockedIfPossible } from './with-lock.ts';

/** What it takes to remove everything. */
export interface RemovalInputs {
  readonly backend: Backend;
  readonly backendFor: (variant: Variant) => Backend;
  /** Which iptables the configuration asks for. */
  readonly iptables: Variant;
  readonly memory: StateDir;
  readonly system: Pick<System, 'readText' | 'now'>;
  readonly locking: ChangeLocking & { readonly warn: (text: string) => void };
  readonly isDryRun: boolean;
}

/**
 * Removes everything of ours from the kernel, in either iptables, and forgets the policy, so that cron does not bring
 * it back; returns the changes, of a dry run those it would make. The emergency exit: goes on with a warning where no
 * lock or state file can be written. Throws GeofenceError when the kernel cannot be changed, LockedError when another
 * run holds the lock.
 */
export async function removeFence(inputs: RemovalInputs): Promise<Change[]> {
  const { backend, backendFor, iptables, memory, system, locking, isDryRun } = inputs;
  const { variant } = await backend.probe();
  const record = async (): Promise<void> => await forgetPolicy(memory, locking.warn);
  const work = async (signal: AbortSignal): Promise<Change[]> => {
    const other = await findFenceInOtherBackend(system, backendFor, variant);
    // The kernel destroys no set that a rule looks at, and both iptables may look at the same ones: sets go last.
    const inOther =
      other === undefined
        ? []
        : await removeFrom({ ...inputs, ...other, iptables: other.variant }, signal, { keep: keepSets });
    const inUse = await removeFrom({ ...inputs, iptables }, signal, { record });
    return [...inOther, ...inUse];
  };
  // A lock needs a folder, and a dry run makes none.
  return isDryRun ? await work(locking.signal) : await changeLockedIfPossible(memory, locking, work);
}

const keepSets = (wanted: DesiredState, actual: Actual): DesiredState => ({
  ...wanted,
  sets: asWanted(actual).sets,
});

async function removeFrom(
  inputs: RemovalInputs,
  signal: AbortSignal,
  more: Pick<Intent, 'keep' | 'record'>,
): Promise<readonly Change[]> {
  const { backend, isDryRun } = inputs;
  const intent: Intent = {
    wanted: () => Promise.resolve(noFence),
    ...more,
    remember: async (actual) => await trySaving(inputs, actual),
  };
  return (await applyPolicy(backend, intent, { isDryRun, signal })).changes;
}

/**
 * Where only sets are left there is no fence to save, and one of the other iptables may have been saved before. Returns
 * what takes the saving back: while the fence holds, the way back is still the one from before it.
 */
async function trySaving(
  { backend, memory, system, locking: { warn }, iptables }: RemovalInputs,
  actual: Actual,
): Promise<() => Promise<void>> {
  if (!actual.rulesets.some(hasRules)) return nothingSaved;
  const putBack = memory.former.keep();
  try {
    await memory.former.write(await makeBackup(memory, { backend, actual, iptables, now: system.now() }));
  } catch (error) {
    warn(`rollback will not bring the fence back: ${messageOf(error)}`);
    return nothingSaved;
  }
  return async () =>
    await putBack().catch((error: unknown) => {
      warn(`rollback leads to this fence, and not to the one before it: ${messageOf(error)}`);
    });
}

const nothingSaved = async (): Promise<void> => {};

/** That the fence is gone matters more than that it is forgotten. */
async function forgetPolicy(
  { policy, pending, kept }: StateDir,
  warn: (text: string) => void,
): Promise<void> {
  await policy.forget().catch((error: unknown) => {
    warn(`the policy is still remembered, and the next refresh brings it back: ${messageOf(error)}`);
  });
  const isOnTrial = (await pending.read())?.isTakenBack === false;
  await pending.forget().catch((error: unknown) => {
    if (!isOnTrial) return;
    warn(`the change on trial is still noted, and its end brings back the fence before: ${messageOf(error)}`);
  });
  // It speaks of sets that are gone: that is no harm.
  await kept.forget().catch(() => {});
}
