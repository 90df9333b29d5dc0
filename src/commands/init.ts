import { dirname } from 'node:path';
import type { OwnFileChange } from '../config/own-files.ts';
import { changeOwnFiles } from '../config/own-files.ts';
import { GeofenceError, UsageError, messageOf } from '../errors.ts';
import { formatTable, listRows } from '../words/format.ts';
import { diffLines } from '../words/line-diff.ts';
import { renderSetup } from '../report/setup.ts';
import type { Dialog } from '../system/dialog.ts';
import { withFiles } from '../setup/with-files.ts';
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
import { initContext } from '../context/init-context.ts';
import { settingsToWrite } from '../setup/settings-to-write.ts';
import { refuseFenceInOtherBackend } from '../apply/other-backend.ts';
import type { Trial } from '../setup/keep-or-revert.ts';
import { keepOrRevert } from '../setup/keep-or-revert.ts';
import { confirm as confirmChange } from './confirm.ts';
import { changeLocked } from '../apply/with-lock.ts';
import { rollBack } from '../apply/roll-back.ts';
import { readHostFacts } from '../host/host-facts.ts';

/** How long somebody who is asked has to try whether they still get in. */
const TRIAL_SECONDS = 60;

/**
 * Sets everything up: asks what the policy is, writes it down, puts it in force on trial, installs the schedule. Throws
 * GeofenceError when the answer is no, or the fence did not stay: then files and kernel are as they were.
 */
export async function init(started: Context, options: ParsedOptions): Promise<Outcome> {
  const context = { ...started, warn: onceEach(started.warn, started.config.warnings) };
  const { system, flags } = context;
  if (options.yes === true) requireDecided(options);
  else requireTerminal(context);
  if (!flags.dryRun) {
    requireNoneWaiting(await readUnconfirmed(context));
    await refuseFenceInOtherBackend(context, (await context.backend.probe()).variant);
  }
  const inputs = { config: context.config, options, system };
  if (options.yes === true) return await setUp(context, options, answersOf(inputs));
  const dialog = await system.openDialog();
  try {
    const { signal } = context;
    const findGlobalIPv6 = async (): Promise<string | undefined> => (await readHostFacts(context)).globalIPv6;
    const answers = await interview({ ...inputs, dialog, signal, findGlobalIPv6 });
    return await setUp(context, options, answers, dialog);
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
interface SetupPlan {
  /** Files of our own that differ. */
  readonly files: readonly OwnFileChange[];
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
  const { config, system } = context;
  const wanted = settingsToWrite(config, options, answers.policy);
  const files = changeOwnFiles({ ...config, now: system.now() }, wanted).filter(
    ({ before, after }) => before !== after,
  );
  const draft = await initContext(context, run, wanted, files);
  const planned: SetupPlan = {
    files,
    fence: await plan(draft, { script: false }),
    schedule: answers.schedule === 'none' ? undefined : await planSchedule(draft.config, answers.schedule),
  };
  context.progress('');
  const preview = describeSetup(draft, planned);
  if (context.flags.dryRun) return { ...planned.fence, text: preview, json: jsonOf(planned.fence, planned) };
  if (dialog !== undefined && isWork(planned)) await agreeOrStop(context, dialog, preview);
  else dialog?.say(`\n${preview}`);
  const trial = await withFiles(
    files,
    context.warn,
    async () => await tryOut(await initContext(context, run, wanted), dialog),
  );
  await installAsked(context, planned.schedule);
  return setupOutcome(trial, planned, dialog !== undefined);
}

const changedLines = ({ before, after }: OwnFileChange): string[] => diffLines(before ?? '', after ?? '');

/** The policy as a sentence, what changes in the files, in the kernel and on the host. */
function describeSetup({ config }: Context, { files, fence, schedule }: SetupPlan): string {
  const { allow_subnets: escapes, local } = config.settings;
  const setup = {
    policy: requirePolicy(config),
    escapes,
    local,
    folder: dirname(config.path),
    files: files.map((file) => ({
      path: file.path,
      isNew: file.before === undefined,
      changes: changedLines(file),
    })),
  };
  const rows = schedule === undefined ? [] : listRows('install', schedule.paths, 'nothing, it is there');
  return renderSetup(setup) + fence.text + formatTable(rows);
}

function isWork({ files, fence, schedule }: SetupPlan): boolean {
  const { changes } = fence.json as { changes: readonly string[] };
  return files.length + changes.length > 0 || (schedule !== undefined && hasWork(schedule.operation));
}

async function agreeOrStop({ signal }: Context, dialog: Dialog, preview: string): Promise<void> {
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
  if (dialog === undefined) return { outcome, isConfirmed: false };
  const { system, signal } = context;
  return { outcome, isConfirmed: await keepOrRevert(trialOf(context), { dialog, system, signal }) };
}

/** Longer than it takes to take a change back. */
const ROLLBACK_SECONDS = 60;

/** Interrupted or not, its end must be reached; the timer may be at it already, and is waited for. */
function trialOf(context: Context): Trial {
  const flags = { ...context.flags, waitSeconds: Math.max(context.flags.waitSeconds, ROLLBACK_SECONDS) };
  const undisturbed = { ...context, flags, signal: new AbortController().signal };
  return {
    read: async () => await readUnconfirmed(undisturbed),
    confirm: async () => void (await confirmChange(undisturbed)),
    rollBack: async () =>
      await changeLocked(undisturbed, async (locked) => {
        const state = (await readUnconfirmed(undisturbed))?.state ?? 'reverted';
        if (state !== 'reverted') await rollBack({ ...undisturbed, signal: locked }, { isAsked: false });
      }),
  };
}

/** By now the fence is in force, and stays so. */
async function installAsked(
  { system, info, signal }: Context,
  schedule: PlannedSchedule | undefined,
): Promise<void> {
  if (schedule === undefined) return;
  try {
    await runInstall(schedule.operation, { tree: schedule.tree, run: system.run, info, signal });
  } catch (error) {
    throw new GeofenceError(`The fence is in force, but has no schedule: ${messageOf(error)}`, {
      hint: 'try again with: geofence init --yes --schedule auto',
      cause: error,
    });
  }
}

function setupOutcome({ outcome, isConfirmed }: TrialEnd, planned: SetupPlan, isSeen: boolean): Outcome {
  const { files, schedule } = planned;
  const written = files.map(({ path, after }) => `${path} is ${after === undefined ? 'removed' : 'written'}`);
  const rows = [
    ...listRows('files', written, 'stay as they are'),
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

const jsonOf = ({ json }: Outcome, { files, schedule }: SetupPlan): object => ({
  ...json,
  files: files.map((file) => ({ path: file.path, changes: changedLines(file) })),
  schedule: schedule?.paths ?? [],
});
