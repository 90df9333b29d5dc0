import { GeofenceError } from '../errors.ts';
import type { Dialog } from '../system/dialog.ts';
import { confirm } from '../commands/confirm.ts';
import type { Context } from '../context/context.ts';
import { changeLocked } from '../apply/with-lock.ts';
import { readUnconfirmed } from '../apply/commit-confirm.ts';
import { ask, yesOrNo } from './prompt.ts';
import { rollBack } from '../apply/roll-back.ts';

/** Longer than it takes to take a change back. */
const ROLLBACK_SECONDS = 60;

/**
 * Asks whether the change on trial shall stay, and confirms it or takes it back at once: for no, for no answer in time,
 * and when the terminal is gone. Its timer takes it back should we be killed. Throws unless the change stays; false when
 * nothing is on trial.
 */
export async function keepOrRevert(context: Context, dialog: Dialog): Promise<boolean> {
  const unconfirmed = await readUnconfirmed(context);
  if (unconfirmed === undefined) return false;
  const { isWanted, reason } =
    unconfirmed.state === 'waiting'
      ? await askToKeep(context, dialog, Date.parse(unconfirmed.pending.until))
      : tooLate;
  // Interrupted or not, what happens now must come to its end; the timer may be at it already, and is waited for.
  const flags = { ...context.flags, waitSeconds: Math.max(context.flags.waitSeconds, ROLLBACK_SECONDS) };
  const undisturbed = { ...context, flags, signal: new AbortController().signal };
  // Somebody may have said "geofence confirm" over the new connection.
  if ((await readUnconfirmed(undisturbed)) === undefined || (isWanted && (await isConfirmed(undisturbed))))
    return true;
  await changeLocked(undisturbed, async (locked) => {
    const state = (await readUnconfirmed(undisturbed))?.state ?? 'reverted';
    if (state !== 'reverted') await rollBack({ ...undisturbed, signal: locked }, { isAsked: false });
  });
  throw new GeofenceError(`${reason}: the fence was taken back, and everything is as it was`);
}

/** Too late is no error: the timer was faster. */
async function isConfirmed(context: Context): Promise<boolean> {
  try {
    await confirm(context);
    return true;
  } catch (error) {
    if (error instanceof GeofenceError) return false;
    throw error;
  }
}

interface Decision {
  readonly isWanted: boolean;
  /** Why not. */
  readonly reason: string;
}

const tooLate: Decision = { isWanted: false, reason: 'Nobody answered in time' };

async function askToKeep({ system, signal }: Context, dialog: Dialog, until: number): Promise<Decision> {
  const seconds = Math.round((until - system.now()) / 1000);
  const question = yesOrNo(
    [
      'The fence is in force, on trial.',
      `Can you still open a new connection to this host? Try it now. Without a yes within ${seconds} seconds the fence is taken back.`,
    ],
    'keep it',
    false,
  );
  const answered = new AbortController();
  try {
    return await Promise.race([
      ask(dialog, question, signal).then((isWanted) => ({ isWanted, reason: 'As you wish' })),
      system.sleep(until - system.now(), answered.signal).then(() => {
        dialog.say('\n');
        return tooLate;
      }),
    ]);
  } catch (error) {
    if (!(error instanceof GeofenceError)) throw error;
    return { isWanted: false, reason: signal.aborted ? 'Interrupted' : 'The input ended' };
  } finally {
    answered.abort();
  }
}
