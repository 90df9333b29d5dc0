import { randomUUID } from 'node:crypto';
import { GeofenceError, exitCodes } from '../errors.ts';
import type { AppliedPolicy } from '../state/applied-policy.ts';
import type { StateDir } from '../state/state-dir.ts';
import type { UnconfirmedChange } from '../state/unconfirmed-change.ts';
import { unconfirmedChange } from '../state/unconfirmed-change.ts';
import type { UnconfirmedRecord } from '../state/unconfirmed-record.ts';
import type { System } from '../system/system.ts';

/** What tells the time, and by a file of /proc which run of the machine this is. */
type Clock = Pick<System, 'readText' | 'now'>;

/** Which run of the machine this is. */
const bootIdOf = async ({ readText }: Clock): Promise<string> =>
  (await readText('/proc/sys/kernel/random/boot_id'))?.trim() ?? '';

/**
 * Reads how it stands with the last change that had to be confirmed; undefined when no usable record of one is there.
 * Throws GeofenceError when the boot id of the machine cannot be read.
 */
export async function readUnconfirmed(
  { pending }: StateDir,
  clock: Clock,
): Promise<UnconfirmedChange | undefined> {
  const record = await pending.read();
  return record && unconfirmedChange(record, await bootIdOf(clock), clock.now());
}

/**
 * Throws a GeofenceError (exit code `refused`) while a change waits to be confirmed: of two at a time nobody could tell
 * which one is to be taken back.
 */
export function requireNoneWaiting(unconfirmed: UnconfirmedChange | undefined): void {
  if (unconfirmed?.state !== 'waiting') return;
  throw new GeofenceError(
    `Refusing to apply: the last change waits to be confirmed until ${unconfirmed.pending.until}`,
    {
      exitCode: exitCodes.refused,
      hint: 'keep it with "geofence confirm" or take it back with "geofence rollback" first',
    },
  );
}

/**
 * Remembers the policy of the change that waits to be confirmed, and forgets its record; its timer will find nothing to
 * do. Needs the lock of the state folder. Throws GeofenceError when no change waits, or the policy cannot be written.
 */
export async function confirmChange(memory: StateDir, clock: Clock): Promise<void> {
  const unconfirmed = await readUnconfirmed(memory, clock);
  if (unconfirmed?.state !== 'waiting') {
    throw new GeofenceError('Cannot confirm: no change waits for it', {
      hint: 'it may have been taken back already, see "geofence status"',
    });
  }
  await memory.policy.write(unconfirmed.pending.policy);
  await memory.pending.forget();
}

/**
 * Returns the record of a change that is about to be made on trial for so many seconds, and of the policy to remember
 * once it is confirmed. Throws GeofenceError when the boot id of the machine cannot be read.
 */
export const recordTrial = async (
  clock: Clock,
  seconds: number,
  policy: AppliedPolicy,
): Promise<UnconfirmedRecord> => ({
  id: randomUUID(),
  until: new Date(clock.now() + seconds * 1000).toISOString(),
  bootId: await bootIdOf(clock),
  policy,
  isTakenBack: false,
});

/**
 * Starts a detached "geofence rollback" that takes back the change of a trial, whose record is written, after `seconds`.
 * Called before the change, under the lock of the state folder. Throws GeofenceError when systemd-run fails or no
 * process can be started.
 */
export async function armRollback(
  memory: StateDir,
  { startDetached }: Pick<System, 'startDetached'>,
  { id, seconds, cacheDir }: { readonly id: string; readonly seconds: number; readonly cacheDir: string },
): Promise<void> {
  // Everything it needs is an argument: a configuration that was broken meanwhile must not stop it.
  const folders = ['--cache-dir', cacheDir, '--state-dir', memory.dir];
  const args = ['rollback', '--pending', id, '--wait', '300', '--config', '/dev/null', ...folders];
  await startDetached({ id, args, afterSeconds: seconds });
}
