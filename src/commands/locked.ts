import { withLock } from '../cache/lock.ts';
import type { Context } from './context.ts';

/** Does `work` under the lock. Its signal aborts on Ctrl-C, and when the lock is lost. */
export const locked = async <T>(context: Context, work: (signal: AbortSignal) => Promise<T>): Promise<T> =>
  await withLock(
    context.config.cacheDir,
    async (lost) => await work(AbortSignal.any([context.signal, lost])),
    { waitSeconds: context.flags.waitSeconds, sleep: context.system.sleep },
  );
