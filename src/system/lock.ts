import fs from 'node:fs';
import { readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { GeofenceError, codeOf, exitCodes } from '../errors.ts';
import { fileReason, makeFolder, readIfExists, temporaryName } from './files.ts';
import { writeFileAtomic } from './write-file.ts';
import type * as ProperLockfile from 'proper-lockfile';
import type { LockOwner } from './lock-owner.ts';
import { describeSelf, isGone } from './lock-owner.ts';

/** Another run of geofence holds the lock of a folder; its exit code is `locked`. */
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

/** How to wait for another run, and what ends the work, too. */
export type Locking = LockOptions & { readonly signal: AbortSignal };

const RETRY_MILLISECONDS = 250;

const lockPath = (dir: string): string => join(dir, '.lock');
const NOTE = '.lock-';
/** Beside the lock, not in it: proper-lockfile removes its folder with rmdir. Of one lock, not of the next at its path. */
const notePath = (dir: string, lock: string): string => join(dir, `${NOTE}${lock}`);

/**
 * Runs `work` under the lock of folder `dir`, which is made if need be, and returns its result. The signal given to
 * `work` aborts when the lock is lost (the process was stopped for over a minute): look at it right before every step
 * that cannot be taken back. Throws LockedError when another run holds the lock past `waitSeconds`, GeofenceError where
 * none can be made, and the reason of `signal` when that aborts the waiting.
 */
export async function withLock<T>(
  dir: string,
  work: (signal: AbortSignal) => Promise<T>,
  { waitSeconds = 0, sleep, signal }: LockOptions,
): Promise<T> {
  let held = await tryAcquire(dir);
  for (let left = waitSeconds * 1000; held === undefined && left > 0; left -= RETRY_MILLISECONDS) {
    signal?.throwIfAborted();
    await sleep(RETRY_MILLISECONDS);
    held = await tryAcquire(dir);
  }
  if (held === undefined) throw new LockedError(dir);
  try {
    return await work(held.lost);
  } finally {
    await held.release();
  }
}

/**
 * Whether another run holds the lock of folder `dir`; false when that cannot be told. Never throws, and makes nothing.
 */
export async function isLocked(dir: string): Promise<boolean> {
  try {
    const owner = await readNote(dir, await identityOf(lockPath(dir)));
    return owner === undefined || !(await isGone(owner, await describeSelf()));
  } catch {
    return false;
  }
}

/** Waits until no run holds the lock of folder `dir`, at most `waitSeconds`; does not throw when that time is over. */
export async function waitUntilUnlocked(
  dir: string,
  { waitSeconds, sleep }: Required<Pick<LockOptions, 'waitSeconds' | 'sleep'>>,
): Promise<void> {
  for (let left = waitSeconds * 1000; left > 0 && (await isLocked(dir)); left -= RETRY_MILLISECONDS)
    await sleep(RETRY_MILLISECONDS);
}

/** A lock that is ours. */
interface HeldLock {
  /** Aborts when it is not ours any more. */
  readonly lost: AbortSignal;
  readonly release: () => Promise<void>;
}

async function tryAcquire(dir: string): Promise<HeldLock | undefined> {
  try {
    await makeFolder(dir);
    return (await acquire(dir)) ?? ((await removeIfGone(dir)) ? await acquire(dir) : undefined);
  } catch (error) {
    const cause = error instanceof GeofenceError ? error.cause : error;
    throw new GeofenceError(`Cannot lock "${dir}": ${fileReason(cause)}`, {
      hint: 'run as its owner, or choose another folder with --cache-dir or --state-dir',
      cause,
    });
  }
}

async function acquire(dir: string): Promise<HeldLock | undefined> {
  const { lock } = await import('proper-lockfile');
  const lost = new AbortController();
  const start = performance.now();
  let own: string | undefined;
  // proper-lockfile calls it when the process exits, for each lock that it made and did not release.
  const rmdirSync = (path: string): void => {
    if (identify(fs.statSync(path, { bigint: true })) === own) fs.rmdirSync(path);
  };
  const release = await makeLock(lock, dir, { lost, rmdirSync });
  own = release && (await noteLock(dir, start));
  if (release === undefined || own === undefined) return undefined;
  return {
    lost: lost.signal,
    release: async () => {
      // The work is done, and what it came to counts. What cannot be removed names a process that ends soon.
      await rm(notePath(dir, own), { force: true }).catch(() => {});
      // release() goes by the path, and there may be the lock of another by now.
      const found = await identityOf(lockPath(dir)).catch(() => undefined);
      if (found === undefined || found === own) await release().catch(() => {});
    },
  };
}

/**
 * Notes that the lock is ours, and returns its identity; undefined when it is another's. A process that is stopped
 * before the note is taken for killed. When it goes on, the lock is left alone: to release it would remove that other's.
 */
async function noteLock(dir: string, start: number): Promise<string | undefined> {
  const own = await identityOf(lockPath(dir)).catch(ifMissing);
  if (own === undefined || performance.now() - start > UNNOTED_MILLISECONDS / 2) return undefined;
  await writeNote(dir, own);
  const isOurs = (await identityOf(lockPath(dir)).catch(ifMissing)) === own;
  if (isOurs) await removeOldNotes(dir, own);
  else await rm(notePath(dir, own), { force: true });
  return isOurs ? own : undefined;
}

function ifMissing(error: unknown): undefined {
  if (codeOf(error) !== 'ENOENT') throw error;
}

/** Who can write in the folder may put a link in the place of the lock: what it leads to keeps its time. */
const withoutLinks = { ...fs, utimes: fs.lutimes };

async function makeLock(
  lock: typeof ProperLockfile.lock,
  dir: string,
  { lost, rmdirSync }: { lost: AbortController; rmdirSync: (path: string) => void },
): Promise<(() => Promise<void>) | undefined> {
  try {
    return await lock(dir, {
      lockfilePath: lockPath(dir),
      realpath: false,
      fs: { ...withoutLinks, rmdirSync },
      stale: 60_000,
      update: 10_000,
      retries: 0,
      onCompromised: (cause) => lost.abort(new GeofenceError(`Lost the lock of "${dir}"`, { cause })),
    });
  } catch (error) {
    // ENOENT: one of several runs that found the lock stale lost the race for it.
    if (!['ELOCKED', 'ENOENT'].includes(codeOf(error) ?? '')) throw error;
    return undefined;
  }
}

/** Tells one lock folder from the next at the same path. */
const identityOf = async (path: string): Promise<string> => identify(await stat(path, { bigint: true }));

const identify = ({ ino, birthtimeNs }: fs.BigIntStats): string => `${ino}-${birthtimeNs}`;

/** A run that lives notes its lock within milliseconds: without a note so long, it was killed in between. */
const UNNOTED_MILLISECONDS = 2000;

/** Removes the lock of a run that was killed, so that the next need not wait until it is stale; whether it did. */
async function removeIfGone(dir: string): Promise<boolean> {
  try {
    const lock = await identityOf(lockPath(dir));
    const owner = await readNote(dir, lock);
    if (owner === undefined) await untilUnnoted(dir);
    else if (!(await isGone(owner, await describeSelf()))) return false;
    // Looked at again when it is away: its maker, who notes it now, looks after that whether it is there.
    const claimed = await claim(
      lockPath(dir),
      async (path) =>
        (await identityOf(path)) === lock &&
        (owner !== undefined || (await readNote(dir, lock)) === undefined),
    );
    if (claimed === undefined) return false;
    await rmdir(claimed);
    await rm(notePath(dir, lock), { force: true });
    return true;
  } catch {
    // Whatever it was, the lock is not ours: it becomes stale by itself if nobody holds it.
    return false;
  }
}

async function untilUnnoted(dir: string): Promise<void> {
  const { mtimeMs } = await stat(lockPath(dir));
  const age = Math.max(0, Date.now() - mtimeMs);
  if (age < UNNOTED_MILLISECONDS) await setTimeout(UNNOTED_MILLISECONDS - age);
}

/** Takes a folder away under another name, of which only one run can succeed; puts it back if it is not the one meant. */
async function claim(
  path: string,
  isMeant: (claimed: string) => Promise<boolean>,
): Promise<string | undefined> {
  const claimed = join(dirname(path), temporaryName());
  await rename(path, claimed);
  if (await isMeant(claimed)) return claimed;
  await rename(claimed, path);
  return undefined;
}

/** Best effort: on a full disk there is none, and another run takes this one for gone: `lost` will say so. */
async function writeNote(dir: string, lock: string): Promise<void> {
  const note = JSON.stringify(await describeSelf());
  await writeFileAtomic(notePath(dir, lock), note).catch(() => {});
}

/** Who made a lock; undefined without a note that can be read. */
async function readNote(dir: string, lock: string): Promise<LockOwner | undefined> {
  const note = await readIfExists(notePath(dir, lock), { plainOnly: true });
  try {
    return note && (JSON.parse(note.toString('utf8')) as LockOwner);
  } catch {
    return undefined;
  }
}

/** Of locks that became stale: nobody reads them any more. */
async function removeOldNotes(dir: string, own: string): Promise<void> {
  const names = (await readdir(dir)).filter((name) => name.startsWith(NOTE) && name !== `${NOTE}${own}`);
  for (const name of names) await rm(join(dir, name), { force: true }).catch(() => {});
}
