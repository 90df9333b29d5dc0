import type { System } from '../../system/system.ts';
import { FetchError } from './error.ts';

export interface RetryOptions {
  readonly sleep: System['sleep'];
  /** At least 0, below 1. */
  readonly random: () => number;
  readonly signal: AbortSignal;
  /** Until the deadline of everything. */
  readonly remainingMilliseconds: () => number;
}

const MAX_ATTEMPTS = 3;
const FIRST_DELAY_MILLISECONDS = 500;

/**
 * Makes an attempt, up to three times while its FetchError is transient, with longer and longer rests or as long as the
 * server asks. Throws the last FetchError with what was tried, other errors at once, and the reason of the signal when
 * it aborts.
 */
export async function withRetry<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
  for (let made = 1; ; made++) {
    try {
      return await attempt();
    } catch (error) {
      options.signal.throwIfAborted();
      if (!(error instanceof FetchError)) throw error;
      const { isTransient, retryAfterMilliseconds } = error.problem;
      if (!isTransient || made === MAX_ATTEMPTS) throw told(error, made);
      const delay = retryAfterMilliseconds ?? backoff(made, options.random());
      if (delay >= options.remainingMilliseconds()) throw told(error, made, retryAfterMilliseconds);
      await pause(delay, options);
    }
  }
}

/** Doubles each time; half of it is chance, so that many hosts do not come back at the same moment. */
const backoff = (made: number, random: number): number =>
  FIRST_DELAY_MILLISECONDS * 2 ** (made - 1) * (0.5 + random / 2);

/** The last error, with what was tried. */
function told(error: FetchError, made: number, tooLong?: number): FetchError {
  const attempts = made > 1 ? ` (${made} attempts)` : '';
  const wait = tooLong === undefined ? '' : `, to be asked again in ${waitOf(tooLong)}, which is too late`;
  const problem = { ...error.problem, reason: `${error.problem.reason}${attempts}${wait}` };
  return new FetchError(error.url, problem, error.cause);
}

const DAY = 24 * 60 * 60 * 1000;

/** A header may name any number, of 400 digits too. */
const waitOf = (milliseconds: number): string =>
  milliseconds > DAY ? 'more than a day' : `${Math.ceil(milliseconds / 1000)} s`;

/** Sleeps; throws the reason of the signal as soon as it aborts. */
export async function pause(
  milliseconds: number,
  { sleep, signal }: Pick<RetryOptions, 'sleep' | 'signal'>,
): Promise<void> {
  signal.throwIfAborted();
  const slept = new AbortController();
  const aborted = new Promise((resolve) => {
    signal.addEventListener('abort', resolve, { signal: slept.signal });
  });
  try {
    await Promise.race([sleep(milliseconds, signal), aborted]);
  } finally {
    slept.abort();
    signal.throwIfAborted();
  }
}

/**
 * The milliseconds that a Retry-After header asks for, given in seconds or as a date (RFC 9110, section 10.2.3);
 * undefined without a header or for any other text.
 */
export function parseRetryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  // Date.parse() takes "-1" for a year.
  const date = /^[a-z]/i.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(date - now, 0);
}
