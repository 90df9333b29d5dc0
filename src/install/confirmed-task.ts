import type { ExitCode } from '../errors.ts';
import { GeofenceError, UsageError, exitCodes } from '../errors.ts';
import type { System } from '../system/system.ts';
import { formatTable } from '../words/format.ts';

interface ConfirmedTask {
  /** What is about to be done, as rows of a table; and for --json. */
  readonly rows: readonly (readonly [label: string, text: string])[];
  readonly json: object;
  /** Whether there is anything to do. */
  readonly isNeeded: boolean;
  /** Whether consent was given before. */
  readonly isAgreed: boolean;
  /** Whether it is only shown. */
  readonly isDryRun: boolean;
  readonly question: string;
  readonly work: () => Promise<void>;
  /** What is said at the end, of work that was done and of none. */
  readonly done: string;
  readonly nothing: string;
}

/** Who is asked. */
interface Person {
  readonly system: Pick<System, 'stdin' | 'stderr' | 'openDialog'>;
  readonly info: (text: string) => void;
  readonly signal: AbortSignal;
}

/** What came of it. */
interface TaskOutcome {
  readonly exitCode: ExitCode;
  readonly report: object;
  readonly render: () => string;
}

/**
 * Shows what is about to be done, asks once, and does it. Throws UsageError when there is nobody to ask, GeofenceError
 * when the answer is no, and what the work throws.
 */
export async function withConsent(task: ConfirmedTask, person: Person): Promise<TaskOutcome> {
  const isDone = task.isNeeded && !task.isDryRun;
  const isAsked = isDone && !task.isAgreed;
  const isShown = isAsked || (isDone && person.system.stderr.isTTY);
  if (isAsked) await askForConsent(person, formatTable(task.rows), task.question);
  else if (isShown) person.info(formatTable(task.rows).trimEnd());
  if (isDone) await task.work();
  const result = resultOf(task);
  return {
    exitCode: exitCodes.done,
    report: { applied: isDone, ...task.json },
    render: () => formatTable(isShown ? [result] : [...task.rows, result]),
  };
}

function resultOf({ isNeeded, isDryRun, done, nothing }: ConfirmedTask): readonly [string, string] {
  if (!isNeeded) return ['done', nothing];
  return isDryRun ? ['to do', 'all of this'] : ['done', done];
}

async function askForConsent({ system, signal }: Person, shown: string, question: string): Promise<void> {
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
