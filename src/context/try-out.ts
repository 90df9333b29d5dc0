import { trialOf } from '../apply/end-trial.ts';
import type { AppliedReport } from '../report/applied.ts';
import { keepOrRevert } from '../setup/keep-or-revert.ts';
import type { Dialog } from '../system/dialog.ts';
import type { Context } from './context.ts';
import { lockingOf } from './context.ts';
import type { Outcome } from './outcome.ts';

/** How long somebody who is asked has to try whether they still get in. */
export const TRIAL_SECONDS = 60;

/** What came of a trial. */
export interface TrialEnd {
  readonly outcome: Outcome<AppliedReport>;
  readonly isConfirmed: boolean;
}

/**
 * Puts a policy in force by `refresh`; with a dialog on trial, and asks whether it shall stay. Throws what `refresh`
 * throws, and GeofenceError when the change was taken back.
 */
export async function tryOut(
  context: Context,
  refresh: (context: Context) => Promise<Outcome<AppliedReport>>,
  dialog: Dialog | undefined,
): Promise<TrialEnd> {
  const outcome = await refresh(context);
  context.progress('');
  if (dialog === undefined) return { outcome, isConfirmed: false };
  const { config, backendFor, system, signal, warn } = context;
  const trial = trialOf(config.memory, { backendFor, system, locking: lockingOf(context), warn });
  return { outcome, isConfirmed: await keepOrRevert(trial, { dialog, system, signal }) };
}
