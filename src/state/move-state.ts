import { rmdir } from 'node:fs/promises';
import { LockedError, withLock } from '../system/lock.ts';
import { GeofenceError, messageOf } from '../errors.ts';
import { StateDir } from './state-dir.ts';
import type { Damage } from './state-file.ts';
import { describeDamage } from './state-file.ts';

/** Where the state is, and what there is to say about it. */
export interface OpenedState {
  readonly memory: StateDir;
  readonly warnings: readonly string[];
  /** A policy that was not taken over: another user could have written it. */
  readonly lost?: Damage | undefined;
}

const kinds = ['policy', 'former', 'pending'] as const;

/** Longer than a run of an earlier version takes to change the fence. */
const WAIT_SECONDS = 20;

/**
 * Opens root's state folder `to`. Earlier versions kept root's state beside the cache (`formerDir`): it is moved, once,
 * as far as nobody else could have written it. Where it cannot be moved (a read-only disk) it is used where it lies,
 * with a warning; throws LockedError when an earlier version is at work there for over 20 seconds.
 */
export async function openRootState(
  to: StateDir,
  formerDir: string,
  sleep: (milliseconds: number) => Promise<void>,
): Promise<OpenedState> {
  const from = new StateDir(formerDir);
  if (formerDir === to.dir || !from.hasFiles()) return { memory: to, warnings: [] };
  if (to.hasFiles()) {
    return {
      memory: to,
      warnings: [`the state in "${to.dir}" counts; delete the older one in "${formerDir}"`],
    };
  }
  try {
    const opened = await withLock(formerDir, async () => await move(from, to), {
      waitSeconds: WAIT_SECONDS,
      sleep,
    });
    await rmdir(formerDir).catch(() => {});
    return opened;
  } catch (error) {
    if (!(error instanceof GeofenceError) || error instanceof LockedError) throw error;
    if (to.hasFiles()) {
      return {
        memory: to,
        warnings: [
          `the state is now in "${to.dir}"; delete the older one in "${formerDir}": ${messageOf(error)}`,
        ],
      };
    }
    return { memory: from, warnings: [`the state stays in "${formerDir}" for now: ${messageOf(error)}`] };
  }
}

async function move(from: StateDir, to: StateDir): Promise<OpenedState> {
  // Another run may have been faster.
  if (to.hasFiles() || !from.hasFiles()) return { memory: to, warnings: [] };
  // The clock of a change on trial was told where to look, and cannot be told otherwise.
  if ((await from.pending.read())?.isTakenBack === false) return { memory: from, warnings: [] };
  const damages: (Damage | undefined)[] = [];
  try {
    // The policy first: of a run that is killed here, it is what must not be lost.
    damages.push(await to.policy.copyFrom(from.policy));
    damages.push(await to.former.copyFrom(from.former));
    damages.push(await to.pending.copyFrom(from.pending));
  } catch (error) {
    // A half in the new folder would hide the other half in the old one.
    for (const kind of kinds) await to[kind].forget().catch(() => {});
    throw error;
  }
  for (const [i, kind] of kinds.entries()) if (damages[i] === undefined) await from[kind].forget();
  await from.tidy();
  const moved = `the state that was in "${from.dir}" is now in "${to.dir}"`;
  const refused = damages.flatMap((damage) => (damage === undefined ? [] : [describeDamage(damage)]));
  return { memory: to, warnings: to.hasFiles() ? [moved, ...refused] : refused, lost: damages[0] };
}
