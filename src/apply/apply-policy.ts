import { GeofenceError, messageOf } from '../errors.ts';
import type { Actual, Backend } from '../firewall/backend.ts';
import type { Change, DesiredState } from '../firewall/model.ts';
import { asWanted } from '../plan/as-wanted.ts';
import { describeDrift } from '../plan/describe-change.ts';
import { diff } from '../plan/diff.ts';
import { ATTEMPTS, endFailedChange } from './end-failed-change.ts';

/** What the kernel shall hold, and what has to be done around the change. */
export interface Intent {
  /** What it shall hold; worked out while the tools look at the kernel. */
  readonly wanted: () => Promise<DesiredState>;
  /** Adds to what is wanted what must stay of what the kernel holds. */
  readonly keep?: (wanted: DesiredState, actual: Actual) => DesiredState | Promise<DesiredState>;
  /** Throws when what the kernel holds stands in the way; asked in every run, also when nothing would change. */
  readonly check?: (actual: Actual) => Promise<void>;
  /** Throws when the kernel must not be changed so; asked only when something would change. */
  readonly guard?: (desired: DesiredState, actual: Actual) => Promise<void>;
  /** Prepares for the change to be undone later; what it returns takes that back when the former state holds again. */
  readonly remember?: (actual: Actual) => Promise<() => Promise<void>>;
  /**
   * Writes down that what is wanted holds: after a change, also where the rest of it failed, and where there was nothing
   * to change (`isApplied` is false then).
   */
  readonly record?: (end: { readonly desired: DesiredState; readonly isApplied: boolean }) => Promise<void>;
}

/** The changes, and whether they were made: `isApplied` is false in a dry run, and when there was nothing to change. */
export interface Applied {
  readonly changes: readonly Change[];
  readonly isApplied: boolean;
}

/**
 * Makes the kernel hold `intent.wanted`: reads it, runs `check`, compares, runs `guard` where something differs, then
 * `remember`, changes what differs, reads again, sets right what others changed meanwhile, and runs `record`. The signal
 * is looked at before and after `remember`. Nothing was changed when an error comes from a step up to there. When the
 * change or the reading after it fails again and again, what is there stays if it is what was wanted, or what others
 * made of it; else the former state is put back. The GeofenceError thrown says what is there then.
 */
export async function applyPolicy(
  backend: Backend,
  { wanted, keep = (state) => state, check, guard, remember = nothingToForget, record = nothing }: Intent,
  { isDryRun = false, signal }: { readonly isDryRun?: boolean; readonly signal: AbortSignal },
): Promise<Applied> {
  const [actual, fresh] = await Promise.all([backend.read('content'), wanted()]);
  await check?.(actual);
  const desired = await keep(fresh, actual);
  const changes = diff(desired, actual);
  if (changes.length > 0) await guard?.(desired, actual);
  signal.throwIfAborted();
  if (isDryRun) return { changes, isApplied: false };
  if (changes.length === 0) {
    await record({ desired, isApplied: false });
    return { changes, isApplied: false };
  }
  const forget = await remember(actual);
  if (signal.aborted) await forget();
  signal.throwIfAborted();
  await change(
    backend,
    { desired, actual },
    { forget, record: async () => await record({ desired, isApplied: true }) },
  );
  return { changes, isApplied: true };
}

const nothing = async (): Promise<void> => {};
const nothingToForget = async (): Promise<() => Promise<void>> => nothing;

/** Makes the change, and sees to it that what is remembered fits what holds in the end. */
async function change(
  backend: Backend,
  { desired, actual }: { readonly desired: DesiredState; readonly actual: Actual },
  { forget, record }: { readonly forget: () => Promise<void>; readonly record: () => Promise<void> },
): Promise<void> {
  try {
    await bringAbout(backend, desired, actual);
  } catch (error) {
    const ends = { wanted: desired, former: asWanted(actual) };
    const { failure, holds } = await endFailedChange(backend, ends, error);
    // As long as neither holds, what was remembered is the way back.
    const note = { wanted: record, former: forget, neither: nothing }[holds];
    await note().catch((second: unknown) => {
      throw failureWith(failure, second);
    });
    throw failure;
  }
  await record();
}

/**
 * Changes what differs, reads back, and goes on from what is there: others may have changed it meanwhile, as a restart
 * of the firewall that flushes the tables and loads them again does, and a tool may have failed because of that. To put
 * back what was there before them would undo their work.
 */
async function bringAbout(backend: Backend, desired: DesiredState, actual: Actual): Promise<void> {
  let failure: unknown;
  for (let attempt = 0; ; attempt++) {
    try {
      const now = attempt === 0 ? actual : await backend.read('content');
      const due = diff(desired, now);
      if (due.length === 0) return;
      if (attempt > ATTEMPTS)
        throw (
          failure ??
          new GeofenceError(`Cannot verify the fence: read back, ${due.map(describeDrift).join(', ')}`)
        );
      failure = undefined;
      await backend.apply(due, now);
    } catch (error) {
      if (attempt > ATTEMPTS || !(error instanceof GeofenceError)) throw error;
      failure = error;
    }
  }
}

/** The failure still says how the kernel is, and what else went wrong. */
const failureWith = ({ message, hint }: GeofenceError, second: unknown): GeofenceError =>
  new GeofenceError(`${message}; also: ${messageOf(second)}`, {
    cause: second,
    ...(hint === undefined ? {} : { hint }),
  });
