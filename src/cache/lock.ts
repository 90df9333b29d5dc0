import { randomUUID } from 'node:crypto';
import { rename, rm, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { GeofenceError, codeOf, exitCodes } from '../errors.ts';
import { fileReason, makeFolder, readIfExists, temporaryPrefix, writeFileAtomic } from '../system/files.ts';
import type { Holder } from './holder.ts';
import { describeSelf, isGone } from './holder.ts';

/** Another run is at work. */
export class LockedError extends GeofenceError {
  override readonly name = 'LockedError';

  constructor(dir: string) {
    super(`Cannot lock "${dir}": another geofence run holds it`, {
      exitCode: exitCodes.locked,
      hint: 'it is released when that run ends; try again then',
    });
  }
}

export interface LockOptions {
  /** How long to wait for another run to end. */
  readonly waitSeconds?: number;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Ends the waiting; `work` looks at it itself. */
  readonly signal?: AbortSignal;
}

const RETRY_MILLISECONDS = 250;

const lockPath = (dir: string): string => join(dir, '.lock');
/** Beside the lock, not in it: proper-lockfile removes its folder with rmdir. */
const notePath = (dir: string): string => join(dir, '.lock.pid');

/**
 * Does `work` while no other run does. The signal aborts when the lock was lost after all (the process was stopped for
 * over a minute): look at it right before every step that cannot be taken back.
 */
export async function withLock<T>(
  dir: string,
  work: (signal: AbortSignal) => Promise<T>,
  { waitSeconds = 0, sleep, signal }: LockOptions,
): Promise<T> {
  const lost = new AbortController();
  let release = await tryAcquire(dir, lost);
  for (let left = waitSeconds * 1000; release === undefined && left > 0; left -= RETRY_MILLISECONDS) {
    signal?.throwIfAborted();
    await sleep(RETRY_MILLISECONDS);
    release = await tryAcquire(dir, lost);
  }
  if (release === undefined) throw new LockedError(dir);
  try {
    return await work(lost.signal);
  } finally {
    await release();
  }
}

type Release = () => Promise<void>;

async function tryAcquire(dir: string, lost: AbortController): Promise<Release | undefined> {
  try {
    await makeFolder(dir);
    const release =
      (await acquire(dir, lost)) ?? ((await removeIfGone(dir)) ? await acquire(dir, lost) : undefined);
    if (release === undefined) return undefined;
    await writeNote(dir);
    return async () => {
      if (!lost.signal.aborted) await rm(notePath(dir), { force: true });
      await release();
    };
  } catch (error) {
    const cause = error instanceof GeofenceError ? error.cause : error;
    throw new GeofenceError(`Cannot lock "${dir}": ${fileReason(cause)}`, {
      hint: 'run as its owner, or choose another folder with --cache-dir or --state-dir',
      cause,
    });
  }
}

async function acquire(dir: string, lost: AbortController): Promise<Release | undefined> {
  const { lock } = await import('proper-lockfile');
  try {
    const release = await lock(dir, {
      lockfilePath: lockPath(dir),
      realpath: false,
      stale: 60_000,
      update: 10_000,
      retries: 0,
      onCompromised: (cause) => lost.abort(new GeofenceError(`Lost the lock of "${dir}"`, { cause })),
    });
    return () => release().catch(ignore('ERELEASED'));
  } catch (error) {
    // ENOENT: one of several runs that found the lock stale lost the race for it.
    ignore('ELOCKED', 'ENOENT')(error);
    return undefined;
  }
}

function ignore(...codes: string[]): (error: unknown) => void {
  return (error) => {
    if (!codes.includes(codeOf(error) ?? '')) throw error;
  };
}

/** Tells one lock folder from the next at the same path. */
async function identityOf(dir: string): Promise<string> {
  const { ino, birthtimeNs } = await stat(lockPath(dir), { bigint: true });
  return `${ino} ${birthtimeNs}`;
}

/**
 * Removes the lock of a run that was killed, so that the next need not wait until it is stale. Of several runs that
 * see the same, the one that gets to rename the note removes the lock; a note that changed meanwhile is put back.
 */
async function removeIfGone(dir: string): Promise<boolean> {
  try {
    const note = await readNote(notePath(dir));
    const self = await describeSelf(await identityOf(dir));
    const holder = JSON.parse(note) as Holder;
    if (holder.lock !== self.lock || !(await isGone(holder, self))) return false;
    const claimed = join(dir, `${temporaryPrefix}${randomUUID()}`);
    await rename(notePath(dir), claimed);
    if ((await readNote(claimed)) !== note) {
      await rename(claimed, notePath(dir));
      return false;
    }
    await rmdir(lockPath(dir));
    await rm(claimed);
    return true;
  } catch {
    // Whatever it was, the lock is not ours: it becomes stale by itself if nobody holds it.
    return false;
  }
}

/** Best effort: without the note a killed run's lock becomes stale only after a minute, no more. */
async function writeNote(dir: string): Promise<void> {
  try {
    await writeFileAtomic(notePath(dir), JSON.stringify(await describeSelf(await identityOf(dir))));
  } catch {
    // A note of an earlier run may remain; it names another lock folder.
  }
}

const readNote = async (path: string): Promise<string> =>
  String((await readIfExists(path, { plainOnly: true })) ?? '');
