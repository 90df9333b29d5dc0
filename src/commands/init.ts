import { configPath } from '../config/load.ts';
import { writeConfig } from '../config/write.ts';
import { GeofenceError, UsageError, messageOf } from '../errors.ts';
import { formatTable, listRows } from '../words/format.ts';
import { diffLines } from '../words/line-diff.ts';
import { renderSetup } from '../report/setup.ts';
import type { Dialog } from '../system/dialog.ts';
import type { ConfigFile } from '../setup/config-file.ts';
import { readConfigFile, withConfigFile } from '../setup/config-file.ts';
import type { Context, Outcome } from '../context/context.ts';
import type { Answers } from '../setup/interview.ts';
import { answersOf, interview } from '../setup/interview.ts';
import type { ParsedOptions } from '../context/parsed-options.ts';
import { runInstall, hasWork } from '../install/run-install.ts';
import { readUnconfirmed, requireNoneWaiting } from '../apply/commit-confirm.ts';
import type { PlannedSchedule } from '../install/plan-schedule.ts';
import { planSchedule } from '../install/plan-schedule.ts';
import { plan } from './plan.ts';
import { requirePolicy } from '../config/require-policy.ts';
import { ask, yesOrNo } from '../setup/prompt.ts';
import { refresh } from './refresh.ts';
import { settingsToWrite, initContext } from '../setup/init-config.ts';
import { refuseFenceInOtherBackend } from '../apply/other-backend.ts';
import { keepOrRevert } from '../setup/keep-or-revert.ts';

/** How long somebody who is asked has to try whether they still get in. */
const TRIAL_SECONDS = 60;

/** Sets everything up: asks what the policy is, writes it down, puts it in force on trial, installs the schedule. */
export async function init(started: Context, options: ParsedOptions): Promise<Outcome> {
  const context = { ...started, warn: onceEach(started.warn, started.config.warnings) };
  const { system, flags } = context;
  if (options.yes === true) requireDecided(options);
  else requireTerminal(context);
  if (!flags.dryRun) {
    requireNoneWaiting(await readUnconfirmed(context));
    await refuseFenceInOtherBackend(context, (await context.backend.probe()).variant);
  }
  if (options.yes === true) return await setUp(context, options, answersOf(context, options));
  const dialog = await system.openDialog();
  try {
    return await setUp(context, options, await interview(context, options, dialog), dialog);
  } finally {
    dialog.close();
  }
}

/** The configuration is settled several times on the way, with the same to say each time. */
function onceEach(warn: Context['warn'], told: readonly string[]): Context['warn'] {
  const before = new Set(told);
  return (text) => {
    if (!before.has(text)) warn(text);
    before.add(text);
  };
}

function requireTerminal({ system }: Context): void {
  if (system.stdin.isTTY && system.stderr.isTTY) return;
  throw new UsageError(
    'Cannot ask anything: there is no terminal',
    'answer by options, for example: geofence init --yes --allow CA --schedule auto',
  );
}

/** A restore at boot takes a change on trial back, and so could a job that is started when it is installed. */
function requireDecided({ confirm, schedule = 'none' }: ParsedOptions): void {
  if (confirm === undefined || schedule === 'none') return;
  throw new UsageError(
    'Cannot use --schedule with --yes and --confirm: nobody knows yet whether the fence stays',
    'after "geofence confirm", say: geofence init --yes --schedule auto',
  );
}

/** What is about to be done. */
interface Plan {
  readonly file: ConfigFile;
  /** What the file is to hold, and how it differs from what it holds. */
  readonly text: string;
  readonly changes: readonly string[];
  readonly fence: Outcome;
  /** Undefined when none was asked for. */
  readonly schedule: PlannedSchedule | undefined;
}

/** Without a `dialog` everything is agreed to. */
async function setUp(
  context: Context,
  options: ParsedOptions,
  answers: Answers,
  dialog?: Dialog,
): Promise<Outcome> {
  const run = dialog === undefined ? options : { ...options, confirm: options.confirm ?? TRIAL_SECONDS };
  const file = await readConfigFile(configPath(options.config, context.system.env));
  const text = writeConfig(file.path, file.before, settingsToWrite(context.config, options, answers.policy));
  const draft = await initContext(context, run, text);
  const planned: Plan = {
    file,
    text,
    changes: diffLines(file.before ?? '', text),
    fence: await plan(draft, { script: false }),
    schedule: answers.schedule === 'none' ? undefined : await planSchedule(draft, answers.schedule),
  };
  context.progress('');
  const preview = describe(draft, planned);
  if (context.flags.dryRun) return { ...planned.fence, text: preview, json: jsonOf(planned.fence, planned) };
  if (dialog !== undefined && isWork(planned)) await requireConsent(context, dialog, preview);
  else dialog?.say(`\n${preview}`);
  const trial = await withConfigFile(
    file,
    text,
    context,
    async () => await tryOut(await initContext(context, run), dialog),
  );
  await installAsked(context, planned.schedule);
  return outcomeOf(trial, planned, dialog !== undefined);
}

/** The policy as a sentence, what changes in the file, in the kernel and on the host. */
function describe({ config }: Context, { file, changes, fence, schedule }: Plan): string {
  const { allow_subnets: escapes, local } = config.settings;
  const isNewFile = file.before === undefined;
  const setup = { policy: requirePolicy(config), escapes, local, file: file.path, isNewFile, changes };
  const rows = schedule === undefined ? [] : listRows('install', schedule.paths, 'nothing, it is there');
  return renderSetup(setup) + fence.text + formatTable(rows);
}

function isWork({ changes, fence, schedule }: Plan): boolean {
  const { changes: ofFence } = fence.json as { changes: readonly string[] };
  return changes.length + ofFence.length > 0 || (schedule !== undefined && hasWork(schedule.operation));
}

async function requireConsent({ signal }: Context, dialog: Dialog, preview: string): Promise<void> {
  dialog.say(`\n${preview}`);
  if (await ask(dialog, yesOrNo([], 'do all this, the fence on trial', false), signal)) return;
  throw new GeofenceError('As you wish: nothing was changed');
}

interface TrialEnd {
  readonly outcome: Outcome;
  readonly isConfirmed: boolean;
}

async function tryOut(context: Context, dialog: Dialog | undefined): Promise<TrialEnd> {
  const outcome = await refresh(context);
  context.progress('');
  return { outcome, isConfirmed: dialog !== undefined && (await keepOrRevert(context, dialog)) };
}

/** By now the fence is in force, and stays so. */
async function installAsked(context: Context, schedule: PlannedSchedule | undefined): Promise<void> {
  if (schedule === undefined) return;
  try {
    await runInstall(context, schedule.tree, schedule.operation);
  } catch (error) {
    throw new GeofenceError(`The fence is in force, but has no schedule: ${messageOf(error)}`, {
      hint: 'try again with: geofence init --yes --schedule auto',
      cause: error,
    });
  }
}

function outcomeOf({ outcome, isConfirmed }: TrialEnd, planned: Plan, isSeen: boolean): Outcome {
  const { file, changes, schedule } = planned;
  const rows = [
    ['file', `${file.path} ${changes.length === 0 ? 'stays as it is' : 'is written'}`] as const,
    ...(isConfirmed ? [['fence', 'in force and confirmed'] as const] : []),
    ...listRows('schedule', schedule?.paths ?? [], 'nothing was installed'),
  ];
  return {
    ...outcome,
    // Whoever was asked has seen the plan.
    text: (isSeen ? '' : outcome.text) + formatTable(rows),
    json: { ...jsonOf(outcome, planned), isConfirmed },
  };
}

const jsonOf = ({ json }: Outcome, { file, changes, schedule }: Plan): object => ({
  ...json,
  file: { path: file.path, changes },
  schedule: schedule?.paths ?? [],
});
