import { dirname } from 'node:path';
import type { OwnFileChange } from '../config/own-files.ts';
import { changeOwnFiles } from '../config/own-files.ts';
import { GeofenceError, UsageError, messageOf } from '../errors.ts';
import { formatTable, listRows } from '../words/format.ts';
import { diffLines } from '../words/line-diff.ts';
import type { AppliedReport } from '../report/applied.ts';
import type { PlanReport } from '../report/plan.ts';
import { describeReach } from '../policy/describe.ts';
import { bootHazards, bootWarnings } from '../health/boot-warnings.ts';
import { readBoot } from '../install/read-boot.ts';
import type { Advice } from '../report/status.ts';
import { onceEach } from '../system/log.ts';
import { renderSetup } from '../report/setup.ts';
import type { Dialog } from '../system/dialog.ts';
import { withFiles } from '../setup/with-files.ts';
import { readUnconfirmed, requireNoneWaiting } from '../apply/commit-confirm.ts';
import type { Context } from '../context/context.ts';
import type { Outcome } from '../context/outcome.ts';
import type { Answers } from '../setup/interview.ts';
import { answersOf, interview } from '../setup/interview.ts';
import type { ParsedOptions } from '../context/parsed-options.ts';
import { runInstall, hasWork } from '../install/run-install.ts';
import type { PlannedSchedule } from '../install/plan-schedule.ts';
import { planSchedule } from '../install/plan-schedule.ts';
import { requirePolicy } from '../context/require-policy.ts';
import { ask, yesOrNo } from '../setup/prompt.ts';
import { initContext } from '../context/init-context.ts';
import { settingsToWrite } from '../setup/settings-to-write.ts';
import { refuseFenceInOtherBackend } from '../apply/other-backend.ts';
import type { TrialEnd } from '../context/try-out.ts';
import { TRIAL_SECONDS, tryOut } from '../context/try-out.ts';
import { findGlobalIPv6 } from '../host/host-facts.ts';

/** The commands that setting up is made of. */
interface InitSteps {
  /** What would change, from the cache or the network. */
  readonly plan: (context: Context) => Promise<Outcome<PlanReport>>;
  readonly refresh: (context: Context) => Promise<Outcome<AppliedReport>>;
}

/** What `init` comes to: what was planned or done, and the files and the schedule. */
type SetupReport = (PlanReport | AppliedReport) & {
  readonly files: readonly { readonly path: string; readonly changes: readonly string[] }[];
  readonly schedule: readonly string[];
  readonly isConfirmed?: boolean;
};

/**
 * Sets everything up: asks what the policy is, writes it down, puts it in force on trial, installs the schedule. Throws
 * GeofenceError when the answer is no, or the fence did not stay: then files and kernel are as they were.
 */
export async function init(
  started: Context,
  options: ParsedOptions,
  steps: InitSteps,
): Promise<Outcome<SetupReport>> {
  const context = { ...started, warn: onceEach(started.warn, started.config.warnings) };
  const { system, flags } = context;
  if (options.yes === true) requireDecided(options);
  else requireTerminal(context);
  if (!flags.dryRun) {
    requireNoneWaiting(await readUnconfirmed(context.config.memory, system));
    const { variant } = await context.backend.probe();
    await refuseFenceInOtherBackend(system, context.backendFor, variant);
  }
  const inputs = { config: context.config, options, system };
  if (options.yes === true) {
    requirePolicy(context.config);
    return await setUp(context, options, { steps, answers: answersOf(inputs) });
  }
  const dialog = await system.openDialog();
  try {
    const { signal } = context;
    const answers = await interview({
      ...inputs,
      dialog,
      signal,
      findGlobalIPv6: async () => await findGlobalIPv6(system),
    });
    return await setUp(context, options, { steps, answers, dialog });
  } finally {
    dialog.close();
  }
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
  readonly fence: Outcome<PlanReport>;
  /** Undefined when none was asked for. */
  readonly schedule: PlannedSchedule | undefined;
}

/** Without a `dialog` everything is agreed to. */
async function setUp(
  context: Context,
  options: ParsedOptions,
  { steps, answers, dialog }: { steps: InitSteps; answers: Answers; dialog?: Dialog },
): Promise<Outcome<SetupReport>> {
  const run = dialog === undefined ? options : { ...options, confirm: options.confirm ?? TRIAL_SECONDS };
  const { config, system } = context;
  const wanted = settingsToWrite(config, options, answers.policy);
  const files = changeOwnFiles({ ...config, now: system.now() }, wanted).filter(
    ({ before, after }) => before !== after,
  );
  const draft = await initContext(context, run, wanted, files);
  const schedule =
    answers.schedule === 'none' ? undefined : await planSchedule(draft.config, answers.schedule);
  const boot = schedule?.boot ?? (await readBoot(undefined));
  const planned = { files, fence: withWarnings(await steps.plan(draft), bootWarnings(boot)), schedule };
  context.progress('');
  const preview = describeSetup(draft, planned);
  if (context.flags.dryRun) {
    const { exitCode, report } = planned.fence;
    return { exitCode, report: { ...report, ...filesAndSchedule(planned) }, render: () => preview };
  }
  if (dialog !== undefined && isWork(planned)) await agreeOrStop(context, dialog, preview);
  else dialog?.say(`\n${preview}`);
  if (dialog === undefined)
    for (const { message, remedy } of bootHazards(boot)) context.warn(`${message} → ${remedy}`);
  const trial = await withFiles(
    files,
    { warn: context.warn, isTrial: run.confirm !== undefined },
    async () => await tryOut(await initContext(context, run, wanted), steps.refresh, dialog),
  );
  await installAsked(context, planned.schedule);
  return setupOutcome(trial, planned, dialog !== undefined);
}

const withWarnings = (fence: SetupPlan['fence'], more: readonly Advice[]): SetupPlan['fence'] => ({
  ...fence,
  report: { ...fence.report, warnings: [...fence.report.warnings, ...more] },
});

const changedLines = ({ before, after }: OwnFileChange): string[] => diffLines(before ?? '', after ?? '');

/** The policy as a sentence, what changes in the files, in the kernel and on the host. */
function describeSetup({ config }: Context, { files, fence, schedule }: SetupPlan): string {
  const { allow_subnets: escapes, local } = config.settings;
  const policy = requirePolicy(config);
  const { fences, families } = policy;
  const setup = {
    fences: fences.map((one) => describeReach(one, policy)),
    families: families.map(({ label }) => label),
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
  return renderSetup(setup) + String(fence.render(fence.report)) + formatTable(rows);
}

function isWork({ files, fence, schedule }: SetupPlan): boolean {
  const { changes } = fence.report;
  return files.length + changes.length > 0 || (schedule !== undefined && hasWork(schedule.plan));
}

async function agreeOrStop({ signal }: Context, dialog: Dialog, preview: string): Promise<void> {
  dialog.say(`\n${preview}`);
  if (await ask(dialog, yesOrNo([], 'do all this, the fence on trial', false), signal)) return;
  throw new GeofenceError('As you wish: nothing was changed');
}

/** By now the fence is in force, and stays so. */
async function installAsked(
  { system, info, signal }: Context,
  schedule: PlannedSchedule | undefined,
): Promise<void> {
  if (schedule === undefined) return;
  try {
    await runInstall(schedule.plan, { tree: schedule.tree, run: system.run, info, signal });
  } catch (error) {
    throw new GeofenceError(`The fence is in force, but has no schedule: ${messageOf(error)}`, {
      hint: 'try again with: geofence init --yes --schedule auto',
      cause: error,
    });
  }
}

function setupOutcome(
  { outcome, isConfirmed }: TrialEnd,
  planned: SetupPlan,
  isSeen: boolean,
): Outcome<SetupReport> {
  const { files, schedule } = planned;
  const written = files.map(({ path, after }) => `${path} is ${after === undefined ? 'removed' : 'written'}`);
  const rows = [
    ...listRows('files', written, 'stay as they are'),
    ...(isConfirmed ? [['fence', 'in force and confirmed'] as const] : []),
    ...listRows('schedule', schedule?.paths ?? [], 'nothing was installed'),
  ];
  const { exitCode, report } = outcome;
  return {
    exitCode,
    report: { ...report, ...filesAndSchedule(planned), isConfirmed },
    // Whoever was asked has seen the plan.
    render: () => (isSeen ? '' : String(outcome.render(report))) + formatTable(rows),
  };
}

const filesAndSchedule = ({ files, schedule }: SetupPlan): Pick<SetupReport, 'files' | 'schedule'> => ({
  files: files.map((file) => ({ path: file.path, changes: changedLines(file) })),
  schedule: schedule?.paths ?? [],
});
