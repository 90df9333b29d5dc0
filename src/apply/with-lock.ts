import type { Locking } from '../system/lock.ts';
import { withLock } from '../system/lock.ts';
import { GeofenceError, codeOf, messageOf } from '../errors.ts';
import type { StateDir } from '../state/state-dir.ts';
import { UntrustedFolderError } from '../state/state-file.ts';

type Work<T> = (signal: AbortSignal) => Promise<T>;

/**
 * Runs `work` under the lock of folder `dir` and returns its result; its signal aborts with `locking.signal`, and when
 * the lock is lost. Waits up to `waitSeconds` (default 0) for a run that holds the lock, then throws LockedError;
 * throws GeofenceError where no lock can be made, and the reason of `locking.signal` when that aborts the waiting.
 */
export const lockedIn = async <T>(dir: string, locking: Locking, work: Work<T>): Promise<T> =>
  await withLock(dir, async (lost) => await work(AbortSignal.any([locking.signal, lost])), locking);

/**
 * Runs `work` under the lock of the state folder, after removing what killed runs left there; returns its result. The
 * cache has another lock, so that a restart of the firewall need not wait for a download. Throws UntrustedFolderError
 * before that when others can write in the folder, LockedError when another run holds the lock past `waitSeconds`,
 * GeofenceError where none can be made.
 */
export async function changeLocked<T>(memory: StateDir, locking: Locking, work: Work<T>): Promise<T> {
  memory.requireTrusted();
  return await lockedIn(memory.dir, locking, async (signal) => {
    await memory.tidy();
    return await work(signal);
  });
}

/** What a full, read-only or foreign disk says. */
const unwritable = new Set(['EACCES', 'EDQUOT', 'ENOSPC', 'EPERM', 'EROFS']);

/**
 * Runs `work` under the lock of the state folder, or, with a warning, without one where the folder is not trusted or
 * cannot be written (full, read-only, no permission): a fence that does not come back is worse than two runs at once,
 * which the kernel keeps apart. Still throws LockedError when another run holds the lock past `waitSeconds`, and
 * GeofenceError where locking fails otherwise.
 */
export async function changeLockedIfPossible<T>(
  memory: StateDir,
  { warn, ...locking }: Locking & { readonly warn: (text: string) => void },
  work: Work<T>,
): Promise<T> {
  let hasStarted = false;
  try {
    return await changeLocked(memory, locking, async (signal) => {
      hasStarted = true;
      return await work(signal);
    });
  } catch (error) {
    const cause = error instanceof GeofenceError ? error.cause : undefined;
    const isUnusable = error instanceof UntrustedFolderError || unwritable.has(codeOf(cause) ?? '');
    if (hasStarted || !isUnusable) throw error;
    warn(`going on without a lock: ${messageOf(error)}`);
    return await work(locking.signal);
  }
}
