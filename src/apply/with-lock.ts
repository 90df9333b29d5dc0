import type { Locking } from '../system/lock.ts';
import { withLock } from '../system/lock.ts';
import { GeofenceError, codeOf, messageOf } from '../errors.ts';
import type { StateDir } from '../state/state-dir.ts';
import { UntrustedFolderError } from '../state/state-file.ts';

type Work<T> = (signal: AbortSignal) => Promise<T>;

/** Does `work` while nobody else holds the lock of a folder. Its signal aborts on Ctrl-C, and when the lock is lost. */
export const lockedIn = async <T>(dir: string, locking: Locking, work: Work<T>): Promise<T> =>
  await withLock(dir, async (lost) => await work(AbortSignal.any([locking.signal, lost])), locking);

/**
 * Does `work` while nobody else changes the fence. Not the lock of the cache: a restart of the firewall must not have
 * to wait for a download until it gets its fence back.
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
 * As `changeLocked`, but without a lock where none can be made, or others could take it: a fence that does not come back
 * because the disk is full is worse than two runs at once, which the kernel keeps apart well enough.
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
