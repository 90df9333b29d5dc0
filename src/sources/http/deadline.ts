import { setMaxListeners } from 'node:events';
import { GeofenceError } from '../../errors.ts';

/** The time for everything is over; what was not fetched by then is not fetched. */
export class DeadlineError extends GeofenceError {
  override readonly name = 'DeadlineError';
}

/** One signal for all that ends a fetch early: the deadline, the caller, a failure that nothing can follow. */
export interface Deadline {
  readonly signal: AbortSignal;
  readonly remainingMilliseconds: () => number;
  /** Ends everything that waits on the signal; the first reason stays. */
  readonly stop: (reason: unknown) => void;
  /** To be called at the end: a timer keeps the process alive. */
  readonly clear: () => void;
}

/**
 * Starts a timer of so many seconds; the signal returned aborts with a DeadlineError when it ends, and with the reason
 * of `caller` when that aborts. Call `clear` at the end: the timer keeps the process alive.
 */
export function startDeadline(seconds: number, caller: AbortSignal, now: () => number): Deadline {
  const controller = new AbortController();
  // Every request listens: with many at a time Node.js would warn of a leak.
  setMaxListeners(0, controller.signal);
  const stop = (reason: unknown): void => controller.abort(reason);
  const forward = (): void => stop(caller.reason);
  const end = now() + seconds * 1000;
  const timer = setTimeout(
    () => stop(new DeadlineError(`the deadline of ${seconds} s has passed`)),
    seconds * 1000,
  );
  caller.addEventListener('abort', forward);
  if (caller.aborted) forward();
  return {
    signal: controller.signal,
    remainingMilliseconds: () => end - now(),
    stop,
    clear: () => {
      clearTimeout(timer);
      caller.removeEventListener('abort', forward);
    },
  };
}
