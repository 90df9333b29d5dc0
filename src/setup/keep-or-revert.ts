import { GeofenceError } from '../errors.ts';
import type { Dialog } from '../system/dialog.ts';
import type { System } from '../system/system.ts';
import { ask, yesOrNo } from './prompt.ts';

/** The change on trial, and what can become of it. */
export interface OpenTrial {
  /** How it stands with the change, and until when it waits (ISO 8601); undefined when nothing is on trial. */
  readonly read: () => Promise<
    | {
        readonly state: 'waiting' | 'expired' | 'reverted';
        readonly pending: { readonly until: string };
      }
    | undefined
  >;
  /** Keeps the change; throws GeofenceError when nothing waits for that any more. */
  readonly confirm: () => Promise<void>;
  /** Takes the change back, unless that was done meanwhile. */
  readonly rollBack: () => Promise<void>;
}

/** Whom to ask, and how long. */
interface Asking {
  readonly dialog: Dialog;
  readonly system: Pick<System, 'now' | 'sleep'>;
  readonly signal: AbortSignal;
}

/**
 * Asks whether the change on trial shall stay, and confirms it or takes it back at once: for no, for no answer in time,
 * and when the terminal is gone. Its timer takes it back should we be killed. Returns true when the change stays, false
 * when nothing is on trial; throws GeofenceError when it was taken back.
 */
export async function keepOrRevert(trial: OpenTrial, asking: Asking): Promise<boolean> {
  const unconfirmed = await trial.read();
  if (unconfirmed === undefined) return false;
  const { isWanted, reason } =
    unconfirmed.state === 'waiting'
      ? await askToKeep(asking, Date.parse(unconfirmed.pending.until))
      : tooLate;
  // Somebody may have said "geofence confirm" over the new connection.
  if ((await trial.read()) === undefined || (isWanted && (await isConfirmed(trial)))) return true;
  await trial.rollBack();
  throw new GeofenceError(`${reason}: the fence was taken back, and everything is as it was`);
}

/** Too late is no error: the timer was faster. */
async function isConfirmed(trial: OpenTrial): Promise<boolean> {
  try {
    await trial.confirm();
    return true;
  } catch (error) {
    if (error instanceof GeofenceError) return false;
    throw error;
  }
}

interface KeepAnswer {
  readonly isWanted: boolean;
  /** Why not. */
  readonly reason: string;
}

const tooLate: KeepAnswer = { isWanted: false, reason: 'Nobody answered in time' };

async function askToKeep({ dialog, system, signal }: Asking, until: number): Promise<KeepAnswer> {
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
