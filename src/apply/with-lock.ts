import { dirname } from 'node:path';
import type { Locking } from '../system/lock.ts';
import { withLock } from '../system/lock.ts';
import { GeofenceError, codeOf, messageOf } from '../errors.ts';
import type { StateDir } from '../state/state-dir.ts';
import { UntrustedFolderError, requireTrustedFolder } from '../state/state-file.ts';

/** How to wait for other runs that change the kernel, and the folder whose lock they hold. */
export type ChangeLocking = Locking & { readonly kernelFolder: string };

type Work<T> = (signal: AbortSignal) => Promise<T>;

/**
 * Runs `work` under the lock of folder `dir` and returns its result; its signal aborts with `locking.signal`, and when
 * the lock is lost. Waits up to `waitSeconds` (default 0) for a run that holds the lock, then throws LockedError;
 * throws GeofenceError where no lock can be made, and the reason of `locking.signal` when that aborts the waiting.
 */
export const lockedIn = async <T>(dir: string, locking: Locking, work: Work<T>): Promise<T> =>
  await withLock(dir, async (lost) => await work(AbortSignal.any([locking.signal, lost])), locking);

/**
 * Runs `work`, which changes kernel and state, under the locks of both, after removing what killed runs left in the
 * state folder; returns its result. The cache has another lock, so that nobody need wait for a download. Throws
 * UntrustedFolderError before that when others can write in the state folder, LockedError when other runs hold a lock
 * past `waitSeconds`, GeofenceError where the state folder cannot be locked.
 */
export async function changeLocked<T>(memory: StateDir, locking: ChangeLocking, work: Work<T>): Promise<T> {
  memory.requireTrusted();
  const shared = sharedWait(locking);
  return await lockedIn(memory.dir, shared(), async (signal) => {
    await memory.tidy();
    return await kernelLocked({ ...shared(), signal }, work, work);
  });
}

/**
 * The same for work that must not wait for a disk: where the state folder is not trusted or cannot be written (full,
 * read-only, no permission) it goes on without the lock of that, with a warning.
 */
export async function changeLockedIfPossible<T>(
  memory: StateDir,
  { warn, ...locking }: ChangeLocking & { readonly warn: (text: string) => void },
  work: Work<T>,
): Promise<T> {
  const shared = sharedWait(locking);
  return await lockedIfUsable(
    async (inside) => await changeLocked(memory, shared(), inside),
    work,
    async (error) => {
      warn(`going on without a lock of the state: ${messageOf(error)}`);
      return await kernelLocked(shared(), work, work);
    },
  );
}

/**
 * Runs `work`, which changes the kernel and no state, under the lock of the kernel, and returns its result; where there
 * can be none, under the lock of the state folder. Throws as changeLocked() does.
 */
export async function kernelChangeLocked<T>(
  memory: StateDir,
  locking: ChangeLocking,
  work: Work<T>,
): Promise<T> {
  const shared = sharedWait(locking);
  return await kernelLocked(shared(), work, async () => await lockedIn(memory.dir, shared(), work));
}

/**
 * Where this process cannot write in /run (root of a user namespace, or of a container that is all read-only), or not
 * only root could have, the kernel has no lock of its own. Then the lock of the state folder is all there is: nobody
 * else can make or hold that one, but two state folders are two locks.
 */
const kernelLocked = async <T>(
  { kernelFolder: dir, ...locking }: ChangeLocking,
  work: Work<T>,
  otherwise: Work<T>,
): Promise<T> =>
  await lockedIfUsable(
    async (inside) => {
      for (const folder of [dirname(dir), dir]) requireTrustedFolder(folder);
      return await lockedIn(dir, locking, inside);
    },
    work,
    async () => await otherwise(locking.signal),
  );

/** What a full, read-only or foreign disk says. */
const unwritable = new Set(['EACCES', 'EDQUOT', 'ENOSPC', 'EPERM', 'EROFS']);

async function lockedIfUsable<T>(
  lock: (inside: Work<T>) => Promise<T>,
  work: Work<T>,
  otherwise: (error: unknown) => Promise<T>,
): Promise<T> {
  let hasStarted = false;
  try {
    return await lock(async (signal) => {
      hasStarted = true;
      return await work(signal);
    });
  } catch (error) {
    const cause = error instanceof GeofenceError ? error.cause : undefined;
    const isUnusable = error instanceof UntrustedFolderError || unwritable.has(codeOf(cause) ?? '');
    if (hasStarted || !isUnusable) throw error;
    return await otherwise(error);
  }
}

/** Returns what gives the same locking with as long to wait as is left: who takes two locks waits no longer. */
function sharedWait(locking: ChangeLocking): () => ChangeLocking {
  let left = locking.waitSeconds ?? 0;
  return () => ({
    ...locking,
    waitSeconds: left,
    sleep: async (milliseconds) => {
      left -= milliseconds / 1000;
      await locking.sleep(milliseconds);
    },
  });
}
