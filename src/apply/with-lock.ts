import { withLock } from '../cache/lock.ts';
import { GeofenceError, codeOf, messageOf } from '../errors.ts';
import type { Context } from '../context/context.ts';
import { UntrustedFolderError } from '../state/state-file.ts';

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
export async function changeLocked<T>(context: Context, work: Work<T>): Promise<T> {
  const { memory } = context.config;
  memory.requireTrusted();
  return await lockedIn(memory.dir, context, async (signal) => {
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
export async function changeLockedIfPossible<T>(context: Context, work: Work<T>): Promise<T> {
  let hasStarted = false;
  try {
    return await changeLocked(context, async (signal) => {
      hasStarted = true;
      return await work(signal);
    });
  } catch (error) {
    const cause = error instanceof GeofenceError ? error.cause : undefined;
    const isUnusable = error instanceof UntrustedFolderError || unwritable.has(codeOf(cause) ?? '');
    if (hasStarted || !isUnusable) throw error;
    context.warn(`going on without a lock: ${messageOf(error)}`);
    return await work(context.signal);
  }
}
