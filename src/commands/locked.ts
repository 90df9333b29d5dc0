import { withLock } from '../cache/lock.ts';
import type { Context } from './context.ts';

type Work<T> = (signal: AbortSignal) => Promise<T>;

const lockedIn = async <T>(dir: string, { signal, flags, system }: Context, work: Work<T>): Promise<T> =>
  await withLock(dir, async (lost) => await work(AbortSignal.any([signal, lost])), {
    waitSeconds: flags.waitSeconds,
    sleep: system.sleep,
  });

/** Does `work` while nobody else fetches. Its signal aborts on Ctrl-C, and when the lock is lost. */
export const fetchLocked = async <T>(context: Context, work: Work<T>): Promise<T> =>
  await lockedIn(context.config.cacheDir, context, work);

/**
 * Does `work` while nobody else changes the fence. Not the lock of the cache: a restart of the firewall must not have
 * to wait for a download until it gets its fence back.
 */
export const changeLocked = async <T>(context: Context, work: Work<T>): Promise<T> =>
  await lockedIn(context.config.memory.dir, context, work);
