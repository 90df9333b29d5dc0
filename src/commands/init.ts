import { configPath } from '../config/load.ts';
import { writeConfig } from '../config/write.ts';
import { GeofenceError, UsageError, exitCodes, messageOf } from '../errors.ts';
import { formatTable, listRows } from '../report/format.ts';
import { diffLines } from '../report/line-diff.ts';
import { renderSetup } from '../report/setup.ts';
import type { Dialog } from '../system/dialog.ts';
import type { ConfigFile } from './config-file.ts';
import { readConfigFile, withConfigFile } from './config-file.ts';
import type { Context, Outcome } from './context.ts';
import { installSchedule } from './install-schedule.ts';
import type { Answers } from './interview.ts';
import { answersOf, interview } from './interview.ts';
import type { ParsedOptions } from './options.ts';
import { readTrial, requireNoneWaiting } from './pending.ts';
import { plan } from './plan.ts';
import { requirePolicy } from './policy.ts';
import { ask, yesOrNo } from './question.ts';
import { refresh } from './refresh.ts';
import type { ScheduleChoice } from '../install/schedules.ts';
import { settingsToWrite, settledContext } from './settle.ts';
import { refuseStray } from './stray.ts';
import { concludeTrial } from './trial.ts';

/** How long somebody who is asked has to try whether they still get in. */
const TRIAL_SECONDS = 60;

/** Sets everything up: asks what the policy is, writes it down, puts it in force on trial, installs the schedule. */
export async function init(started: Context, options: ParsedOptions): Promise<Outcome> {
  const context = { ...started, warn: onceEach(started.warn, started.config.warnings) };
  const { system, flags } = context;
  if (options.yes === true) requireDecided(options);
  else requireTerminal(context);
  if (!flags.dryRun) {
    requireNoneWaiting(await readTrial(context));
    await refuseStray(context, await context.backend.probe());
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

interface Trial {
  readonly outcome: Outcome;
  readonly isConfirmed: boolean;
}

/** Without a `dialog` everything is agreed to. */
async function setUp(
  context: Context,
  options: ParsedOptions,
  { policy, schedule }: Answers,
  dialog?: Dialog,
): Promise<Outcome> {
  const file = await readConfigFile(configPath(options.config, context.system.env));
  const text = writeConfig(file.path, file.before, settingsToWrite(context.config, options, policy));
  const run = dialog === undefined ? options : { ...options, confirm: options.confirm ?? TRIAL_SECONDS };
  const changes = diffLines(file.before ?? '', text);
  const json = { file: { path: file.path, changes } };
  const planned = await preview(await settledContext(context, run, text), file, changes);
  if (context.flags.dryRun) return { ...planned, json: { ...planned.json, ...json } };
  if (dialog !== undefined) await requireConsent(context, dialog, planned, changes);
  const { outcome, isConfirmed } = await withConfigFile(
    file,
    text,
    context,
    async () => await tryOut(await settledContext(context, run), dialog),
  );
  const installed = await installAsked(await settledContext(context, run), schedule);
  const rows = [
    ['file', `${file.path} ${changes.length === 0 ? 'stays as it is' : 'is written'}`] as const,
    ...(isConfirmed ? [['fence', 'in force and confirmed'] as const] : []),
    ...listRows('schedule', installed, 'nothing was installed'),
  ];
  return {
    exitCode: exitCodes.done,
    // Whoever was asked has seen the plan.
    text: (dialog === undefined ? outcome.text : '') + formatTable(rows),
    json: { ...outcome.json, ...json, isConfirmed, installed },
  };
}

async function preview(
  context: Context,
  { path, before }: ConfigFile,
  changes: readonly string[],
): Promise<Outcome> {
  const planned = await plan(context, { script: false });
  context.progress('');
  const { allow_subnets: escapes, local } = context.config.settings;
  const policy = requirePolicy(context.config);
  const setup = { policy, escapes, local, file: path, isNewFile: before === undefined, changes };
  return { ...planned, text: renderSetup(setup) + planned.text };
}

async function requireConsent(
  { signal }: Context,
  dialog: Dialog,
  { text, json }: Outcome,
  fileChanges: readonly string[],
): Promise<void> {
  dialog.say(`\n${text}`);
  const { changes } = json as { changes: readonly string[] };
  if (fileChanges.length + changes.length === 0) return;
  if (await ask(dialog, yesOrNo([], 'write the file and put this in force, on trial', false), signal)) return;
  throw new GeofenceError('As you wish: nothing was changed');
}

async function tryOut(context: Context, dialog: Dialog | undefined): Promise<Trial> {
  const outcome = await refresh(context);
  context.progress('');
  return { outcome, isConfirmed: dialog !== undefined && (await concludeTrial(context, dialog)) };
}

/** By now the fence is in force, and stays so. */
async function installAsked(context: Context, schedule: ScheduleChoice): Promise<string[]> {
  if (schedule === 'none') return [];
  try {
    return await installSchedule(context, schedule);
  } catch (error) {
    throw new GeofenceError(`The fence is in force, but has no schedule: ${messageOf(error)}`, {
      hint: 'try again with: geofence init --yes --schedule auto',
      cause: error,
    });
  }
}
