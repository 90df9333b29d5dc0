import type { Backend } from '../firewall/backend.ts';
import type { Variant } from '../firewall/variants.ts';
import type { StateDir } from '../state/state-dir.ts';
import type { UnconfirmedChange } from '../state/unconfirmed-change.ts';
import type { System } from '../system/system.ts';
import { confirmChange, readUnconfirmed } from './commit-confirm.ts';
import { rollBack } from './roll-back.ts';
import type { ChangeLocking } from './with-lock.ts';
import { changeLocked, changeLockedIfPossible } from './with-lock.ts';

/** The change on trial, and what can become of it. */
interface EndableTrial {
  readonly read: () => Promise<UnconfirmedChange | undefined>;
  /** Keeps the change; throws GeofenceError when nothing waits for that any more. */
  readonly confirm: () => Promise<void>;
  /** Takes the change back, unless that was done meanwhile. */
  readonly rollBack: () => Promise<void>;
}

interface TrialTools {
  readonly backendFor: (variant: Variant) => Backend;
  readonly system: System;
  readonly locking: ChangeLocking;
  readonly warn: (text: string) => void;
}

/** Longer than it takes to take a change back. */
const ROLLBACK_SECONDS = 60;

/**
 * Returns what reads, confirms and takes back the change on trial in a state folder. Neither end of it is broken off by
 * the signal of `locking`, and both wait at least a minute for the lock, which the timer of the trial may hold;
 * LockedError after that.
 */
export function trialOf(memory: StateDir, { backendFor, system, locking, warn }: TrialTools): EndableTrial {
  const undisturbed = {
    ...locking,
    waitSeconds: Math.max(locking.waitSeconds ?? 0, ROLLBACK_SECONDS),
    signal: new AbortController().signal,
  };
  const read = async (): Promise<UnconfirmedChange | undefined> => await readUnconfirmed(memory, system);
  return {
    read,
    confirm: async () =>
      await changeLocked(memory, undisturbed, async () => await confirmChange(memory, system)),
    rollBack: async () =>
      await changeLockedIfPossible(memory, { ...undisturbed, warn }, async (signal) => {
        const state = (await read())?.state ?? 'reverted';
        if (state !== 'reverted') await rollBack(memory, { backendFor, system, signal, warn });
      }),
  };
}
