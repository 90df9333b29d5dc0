import { withLock } from '../cache/lock.ts';
import { GeofenceError, codeOf, messageOf } from '../errors.ts';
import { removeTemporary } from '../system/files.ts';
import type { Context } from '../context/context.ts';

type Work<T> = (signal: AbortSignal) => Promise<T>;

const lockedIn = async <T>(dir: string, { signal, flags, system }: Context, work: Work<T>): Promise<T> =>
  await withLock(dir, async (lost) => await work(AbortSignal.any([signal, lost])), {
    waitSeconds: flags.waitSeconds,
    sleep: system.sleep,
    signal,
  });

/** Does `work` while nobody else fetches. Its signal aborts on Ctrl-C, and when the lock is lost. */
export const fetchLocked = async <T>(context: Context, work: Work<T>): Promise<T> =>
  await lockedIn(context.config.cacheDir, context, work);

/**
 * Does `work` while nobody else changes the fence. Not the lock of the cache: a restart of the firewall must not have
 * to wait for a download until it gets its fence back.
 */
export const changeLocked = async <T>(context: Context, work: Work<T>): Promise<T> =>
  await lockedIn(context.config.memory.dir, context, async (signal) => {
    await removeTemporary(context.config.memory.dir);
    return await work(signal);
  });

/** What a full, read-only or foreign disk says. */
const unwritable = new Set(['EACCES', 'EDQUOT', 'ENOSPC', 'EPERM', 'EROFS']);

/**
 * As `changeLocked`, but without a lock where none can be made: a fence that does not come back because the disk is
 * full is worse than two runs at once, which the kernel keeps apart well enough.
 */
export async function changeLockedIfPossible<T>(context: Context, work: Work<T>): Promise<T> {
  let hasStarted = false;
  try {
    return await changeLocked(context, async (signal) => {
      hasStarted = true;
      return await work(signal);
    });
  } catch (error) {
    const cause = error instanceof GeofenceError ? error.cause : undefined;
    if (hasStarted || !unwritable.has(codeOf(cause) ?? '')) throw error;
    context.warn(`going on without a lock: ${messageOf(error)}`);
    return await work(context.signal);
  }
}
