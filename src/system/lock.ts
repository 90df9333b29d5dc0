import { randomUUID } from 'node:crypto';
import { rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { GeofenceError, codeOf, exitCodes } from '../errors.ts';
import { fileReason, makeFolder, readIfExists, temporaryPrefix, writeFileAtomic } from './files.ts';
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
/** Beside the lock, not in it: proper-lockfile removes its folder with rmdir. */
const notePath = (dir: string): string => join(dir, '.lock.pid');

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

/**
 * Whether another run holds the lock of folder `dir`; false when that cannot be told. Never throws, and makes nothing.
 */
export async function isLocked(dir: string): Promise<boolean> {
  try {
    const lock = await identityOf(lockPath(dir));
    const holder = parseNote(await readNote(notePath(dir)));
    return holder?.lock !== lock || !(await isGone(holder, await describeSelf(lock)));
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

type Release = () => Promise<void>;

async function tryAcquire(dir: string, lost: AbortController): Promise<Release | undefined> {
  try {
    await makeFolder(dir);
    const release =
      (await acquire(dir, lost)) ?? ((await removeIfGone(dir)) ? await acquire(dir, lost) : undefined);
    if (release === undefined) return undefined;
    await writeNote(dir);
    return async () => {
      // The work is done, and what it came to counts. What cannot be removed names a process that ends soon.
      if (!lost.signal.aborted) await rm(notePath(dir), { force: true }).catch(() => {});
      await release().catch(() => {});
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
    return release;
  } catch (error) {
    // ENOENT: one of several runs that found the lock stale lost the race for it.
    if (!['ELOCKED', 'ENOENT'].includes(codeOf(error) ?? '')) throw error;
    return undefined;
  }
}

/** Tells one lock folder from the next at the same path. */
async function identityOf(path: string): Promise<string> {
  const { ino, birthtimeNs } = await stat(path, { bigint: true });
  return `${ino} ${birthtimeNs}`;
}

/**
 * Removes the lock of a run that was killed, so that the next need not wait until it is stale. Whatever was claimed by
 * mistake, because it changed meanwhile, is put back.
 */
async function removeIfGone(dir: string): Promise<boolean> {
  try {
    const lock = await identityOf(lockPath(dir));
    const note = await readNote(notePath(dir));
    const holder = parseNote(note);
    if (holder?.lock !== lock) return await removeUnnoted(dir, lock);
    if (!(await isGone(holder, await describeSelf(lock)))) return false;
    const claimed = await claim(notePath(dir), async (path) => (await readNote(path)) === note);
    if (claimed === undefined) return false;
    await rmdir(lockPath(dir));
    await rm(claimed);
    return true;
  } catch {
    // Whatever it was, the lock is not ours: it becomes stale by itself if nobody holds it.
    return false;
  }
}

/** A run that lives notes its lock within milliseconds: without a note so long, it was killed in between. */
const UNNOTED_MILLISECONDS = 2000;

async function removeUnnoted(dir: string, lock: string): Promise<boolean> {
  const { mtimeMs } = await stat(lockPath(dir));
  const age = Math.max(0, Date.now() - mtimeMs);
  if (age < UNNOTED_MILLISECONDS) await setTimeout(UNNOTED_MILLISECONDS - age);
  if (parseNote(await readNote(notePath(dir)))?.lock === lock) return false;
  const claimed = await claim(lockPath(dir), async (path) => (await identityOf(path)) === lock);
  if (claimed === undefined) return false;
  await rmdir(claimed);
  return true;
}

/** Takes a file or folder away under another name, of which only one run can succeed; puts it back if it is not it. */
async function claim(
  path: string,
  isMeant: (claimed: string) => Promise<boolean>,
): Promise<string | undefined> {
  const claimed = join(dirname(path), `${temporaryPrefix}${randomUUID()}`);
  await rename(path, claimed);
  if (await isMeant(claimed)) return claimed;
  await rename(claimed, path);
  return undefined;
}

function parseNote(note: string): LockOwner | undefined {
  try {
    return JSON.parse(note) as LockOwner;
  } catch {
    return undefined;
  }
}

/** Best effort: on a full disk there is none, and another run takes this one for gone: `lost` will say so. */
async function writeNote(dir: string): Promise<void> {
  try {
    await writeFileAtomic(notePath(dir), JSON.stringify(await describeSelf(await identityOf(lockPath(dir)))));
  } catch {
    // A note of an earlier run may remain; it names another lock folder.
  }
}

const readNote = async (path: string): Promise<string> =>
  String((await readIfExists(path, { plainOnly: true })) ?? '');
