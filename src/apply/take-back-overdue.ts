import type { Backend } from '../firewall/backend.ts';
import type { Variant } from '../firewall/variants.ts';
import type { StateDir } from '../state/state-dir.ts';
import type { UnconfirmedChange } from '../state/unconfirmed-change.ts';
import { afterTakingBack } from '../state/unconfirmed-change.ts';
import type { System } from '../system/system.ts';
import { readUnconfirmed } from './commit-confirm.ts';
import { rollBack } from './roll-back.ts';
import type { ChangeLocking } from './with-lock.ts';
import { changeLockedIfPossible } from './with-lock.ts';

/** What it takes to take a change back. */
export interface OverdueInputs {
  readonly memory: StateDir;
  readonly backendFor: (variant: Variant) => Backend;
  readonly system: Pick<System, 'readText' | 'readGenerated' | 'now'>;
  readonly warn: (text: string) => void;
}

/**
 * Takes back the change that nobody confirmed in time, when its timer did not (it was killed, or the machine slept); a
 * state folder that cannot be written does not stop it. Returns whether there was one. Throws what rollBack() and
 * changeLockedIfPossible() throw.
 */
export async function takeBackOverdue(inputs: OverdueInputs, locking: ChangeLocking): Promise<boolean> {
  const { memory, system, warn } = inputs;
  if ((await readUnconfirmed(memory, system))?.state !== 'expired') return false;
  // While it waited for the lock, the timer may have done it after all.
  await changeLockedIfPossible(memory, { ...locking, warn }, async (signal) => {
    await takeBackIfOverdue(inputs, signal);
  });
  return true;
}

/**
 * The same under the locks of state and kernel, which are held already; returns how it stands with the last change that
 * had to be confirmed.
 */
export async function takeBackIfOverdue(
  { memory, backendFor, system, warn }: OverdueInputs,
  signal: AbortSignal,
): Promise<UnconfirmedChange | undefined> {
  const unconfirmed = await readUnconfirmed(memory, system);
  if (unconfirmed?.state === 'expired') {
    warn(`taking back the change that nobody confirmed until ${unconfirmed.pending.until}`);
    await rollBack(memory, { backendFor, system, signal, warn });
  }
  return afterTakingBack(unconfirmed);
}
