import { GeofenceError, messageOf } from '../errors.ts';
import type { Actual, Backend } from '../firewall/backend.ts';
import type { Change, DesiredState } from '../firewall/model.ts';
import { asWanted } from '../plan/as-wanted.ts';
import { describeDrift } from '../plan/describe-change.ts';
import { diff } from '../plan/diff.ts';

/** What the kernel shall hold, and what has to be done around the change. */
export interface Intent {
  /** What it shall hold; worked out while the tools look at the kernel. */
  readonly wanted: () => Promise<DesiredState>;
  /** Adds to what is wanted what must stay of what the kernel holds. */
  readonly keep?: (wanted: DesiredState, actual: Actual) => DesiredState;
  /** Throws when what the kernel holds stands in the way; asked in every run, also when nothing would change. */
  readonly check?: (actual: Actual) => Promise<void>;
  /** Throws when the kernel must not be changed so; asked only when something would change. */
  readonly guard?: (desired: DesiredState, actual: Actual) => Promise<void>;
  /** Prepares for the change to be undone later; what it returns takes that back when the change fails. */
  readonly remember?: (actual: Actual) => Promise<() => Promise<void>>;
}

/** The changes, and whether they were made: `isApplied` is false in a dry run, and when there was nothing to change. */
export interface Applied {
  readonly changes: readonly Change[];
  readonly isApplied: boolean;
}

/**
 * Makes the kernel hold `intent.wanted`: reads it, runs `check`, compares, runs `guard` where something differs, then
 * `remember`, changes what differs, reads again and sets right what others changed meanwhile. The signal is looked at
 * before and after `remember`. Nothing was changed when an error comes from a step up to there. When a change or the
 * reading after it fails, the former state is put back, and the GeofenceError thrown says whether it holds again.
 */
export async function applyPolicy(
  backend: Backend,
  { wanted, keep = (state) => state, check, guard, remember = nothingToForget }: Intent,
  { isDryRun = false, signal }: { readonly isDryRun?: boolean; readonly signal: AbortSignal },
): Promise<Applied> {
  const [actual, fresh] = await Promise.all([backend.read('content'), wanted()]);
  await check?.(actual);
  const desired = keep(fresh, actual);
  const changes = diff(desired, actual);
  if (changes.length > 0) await guard?.(desired, actual);
  signal.throwIfAborted();
  if (isDryRun || changes.length === 0) return { changes, isApplied: false };
  const forget = await remember(actual);
  if (signal.aborted) await forget();
  signal.throwIfAborted();
  try {
    await backend.apply(changes, actual);
    await settle(backend, desired);
  } catch (error) {
    const failure = await putBack(backend, actual, error);
    await forget().catch((second: unknown) => {
      throw failureWith(failure, second);
    });
    throw failure;
  }
  return { changes, isApplied: true };
}

const nothingToForget = async (): Promise<() => Promise<void>> => async () => {};

/** How often what is read back is set right before the change is given up. */
const ATTEMPTS = 3;

/**
 * Reads back, and goes on from what is there: others may have changed it meanwhile, as a restart of the firewall that
 * flushes the tables and loads them again does, and to put back what was there before them would undo their work.
 */
async function settle(backend: Backend, desired: DesiredState): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const now = await backend.read('content');
    const left = diff(desired, now);
    if (left.length === 0) return;
    if (attempt === ATTEMPTS)
      throw new GeofenceError(`Cannot verify the fence: read back, ${left.map(describeDrift).join(', ')}`);
    await backend.apply(left, now);
  }
}

/** The failure still says how the kernel is, and what else went wrong. */
const failureWith = ({ message, hint }: GeofenceError, second: unknown): GeofenceError =>
  new GeofenceError(`${message}; also: ${messageOf(second)}`, {
    cause: second,
    ...(hint === undefined ? {} : { hint }),
  });

/** Returns the error to report, which says whether the former state holds again. */
async function putBack(backend: Backend, before: Actual, error: unknown): Promise<GeofenceError> {
  const hint = error instanceof GeofenceError ? error.hint : undefined;
  const options = { cause: error, ...(hint === undefined ? {} : { hint }) };
  try {
    const former = asWanted(before);
    const now = await backend.read('content');
    await backend.apply(diff(former, now), now);
    const left = diff(former, await backend.read('content'));
    if (left.length > 0) throw new GeofenceError(left.map(describeDrift).join(', '));
    return new GeofenceError(
      `Cannot apply the fence, the firewall is as it was: ${messageOf(error)}`,
      options,
    );
  } catch (second) {
    return new GeofenceError(
      `Cannot apply the fence: ${messageOf(error)}; and cannot put the former one back: ${messageOf(second)}`,
      options,
    );
  }
}
