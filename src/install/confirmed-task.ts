import { GeofenceError, UsageError, exitCodes } from '../errors.ts';
import { formatTable } from '../words/format.ts';
import type { Context, Outcome } from '../context/context.ts';

interface ConfirmedTask {
  /** What is about to be done, as rows of a table; and for --json. */
  readonly rows: readonly (readonly [label: string, text: string])[];
  readonly json: object;
  /** Whether there is anything to do. */
  readonly isNeeded: boolean;
  /** Whether consent was given before. */
  readonly isAgreed: boolean;
  readonly question: string;
  readonly work: () => Promise<void>;
  /** What is said at the end, of work that was done and of none. */
  readonly done: string;
  readonly nothing: string;
}

/** Shows what is about to be done, asks once, and does it. */
export async function withConsent(context: Context, task: ConfirmedTask): Promise<Outcome> {
  const { dryRun } = context.flags;
  const isDone = task.isNeeded && !dryRun;
  const isAsked = isDone && !task.isAgreed;
  const isShown = isAsked || (isDone && context.system.stderr.isTTY);
  if (isAsked) await requireConsent(context, formatTable(task.rows), task.question);
  else if (isShown) context.info(formatTable(task.rows).trimEnd());
  if (isDone) await task.work();
  const result = resultOf(task, dryRun);
  return {
    exitCode: exitCodes.done,
    text: formatTable(isShown ? [result] : [...task.rows, result]),
    json: { applied: isDone, ...task.json },
  };
}

function resultOf({ isNeeded, done, nothing }: ConfirmedTask, dryRun: boolean): readonly [string, string] {
  if (!isNeeded) return ['done', nothing];
  return dryRun ? ['to do', 'all of this'] : ['done', done];
}

async function requireConsent({ system, signal }: Context, shown: string, question: string): Promise<void> {
  if (!system.stdin.isTTY || !system.stderr.isTTY) {
    throw new UsageError(
      'Cannot ask whether to go on: no terminal is there',
      'look with --dry-run at what would be done, then say --yes',
    );
  }
  const dialog = await system.openDialog();
  try {
    dialog.say(shown);
    const answer = await dialog.ask(`${question} [y/N] `, signal);
    if (!/^y(es)?$/i.test(answer ?? ''))
      throw new GeofenceError('Nothing was changed: the answer was not yes');
  } finally {
    dialog.close();
  }
}
