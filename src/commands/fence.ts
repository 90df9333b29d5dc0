import { addFence, furtherFences, removeFenceFile, setFence } from '../config/fence-files.ts';
import { MAIN_FENCE } from '../config/fences.ts';
import type { OwnFileChange } from '../config/own-files.ts';
import type { StatedFence } from '../config/stated-fence.ts';
import type { Context } from '../context/context.ts';
import { initContext } from '../context/init-context.ts';
import type { Outcome } from '../context/outcome.ts';
import type { ParsedOptions } from '../context/parsed-options.ts';
import { TRIAL_SECONDS, tryOut } from '../context/try-out.ts';
import { GeofenceError, UsageError, exitCodes } from '../errors.ts';
import { describeFence } from '../policy/describe.ts';
import { reportAccess } from '../policy/who-gets-in.ts';
import type { AppliedReport } from '../report/applied.ts';
import type { FenceList } from '../report/fence-list.ts';
import { renderFenceList } from '../report/fence-list.ts';
import type { PlanReport } from '../report/plan.ts';
import { ask, yesOrNo } from '../setup/prompt.ts';
import { withFiles } from '../setup/with-files.ts';
import type { Dialog } from '../system/dialog.ts';
import { formatTable, listRows } from '../words/format.ts';
import { diffLines } from '../words/line-diff.ts';

/** Lists the fences of the policy, where they are stated, and who gets in where. Throws nothing. */
export function fenceList({ config }: Context): Outcome<FenceList> {
  const fences = config.policy?.fences ?? [];
  const stated = new Map(furtherFences(config).map((one) => [one.fence.name, one]));
  const report: FenceList = {
    fences: fences.map((fence) => {
      const found = stated.get(fence.name);
      return {
        name: fence.name,
        sentence: describeFence({ ...fence, name: MAIN_FENCE }),
        from: found?.file.path ?? config.origin ?? '',
        preview: fence.isPreview,
        ...(found?.fence.description === undefined ? {} : { description: found.fence.description }),
      };
    }),
    access: reportAccess(fences),
  };
  return { exitCode: exitCodes.done, report, render: renderFenceList };
}

/** The commands that a change of fences is made of. */
interface FenceSteps {
  readonly plan: (context: Context) => Promise<Outcome<PlanReport>>;
  readonly refresh: (context: Context) => Promise<Outcome<AppliedReport>>;
}

export type FenceVerb = 'add' | 'set' | 'remove';

type FenceReport = (PlanReport | AppliedReport) & {
  readonly file: { readonly path: string; readonly changes: readonly string[] };
};

/**
 * Adds, changes or removes a fence: writes its file, shows what changes as `plan` does, and puts it in force, on trial
 * where somebody can be asked. Throws UsageError for a fence that cannot be so, GeofenceError when the answer is no or
 * the change did not stay: then file and kernel are as they were.
 */
export async function changeFence(
  context: Context,
  verb: FenceVerb,
  name: string,
  { options, steps }: { readonly options: ParsedOptions; readonly steps: FenceSteps },
): Promise<Outcome<FenceReport>> {
  const { system, flags } = context;
  const change = changeOf(verb, name, context, options);
  const isAsked = options.yes !== true && system.stdin.isTTY && system.stderr.isTTY;
  const run = isAsked ? { ...options, confirm: options.confirm ?? TRIAL_SECONDS } : options;
  const planned = await planWith(await initContext(context, run, {}, [change]), {
    verb,
    name,
    plan: steps.plan,
  });
  context.progress('');
  const file = { path: change.path, changes: diffLines(change.before ?? '', change.after ?? '') };
  const preview =
    formatTable(listRows('file', [file.path, ...file.changes])) + String(planned.render(planned.report));
  if (flags.dryRun)
    return { exitCode: planned.exitCode, report: { ...planned.report, file }, render: () => preview };
  const outcome = await carryOut(context, { change, run, preview, isAsked, refresh: steps.refresh });
  const rows = listRows('file', [`${file.path} ${whatBecame(change)}`]);
  return {
    exitCode: outcome.exitCode,
    report: { ...outcome.report, file },
    // Whoever was asked has seen the plan.
    render: () => (isAsked ? '' : String(outcome.render(outcome.report))) + formatTable(rows),
  };
}

function whatBecame({ before, after }: OwnFileChange): string {
  if (before === after) return 'stays as it is';
  return `is ${after === undefined ? 'removed' : 'written'}`;
}

async function planWith(
  draft: Context,
  {
    verb,
    name,
    plan,
  }: { readonly verb: FenceVerb; readonly name: string; readonly plan: FenceSteps['plan'] },
): Promise<Outcome<PlanReport>> {
  if (draft.config.policy !== undefined) return await plan(draft);
  throw new UsageError(
    `Cannot ${verb} fence "${name}": no fence would be left`,
    'take all of it away: geofence remove',
  );
}

/** Asks, where somebody can be asked, writes the file, and refreshes with it: on trial where somebody was asked. */
async function carryOut(
  context: Context,
  {
    change,
    run,
    preview,
    isAsked,
    refresh,
  }: {
    readonly change: OwnFileChange;
    readonly run: ParsedOptions;
    readonly preview: string;
    readonly isAsked: boolean;
    readonly refresh: FenceSteps['refresh'];
  },
): Promise<Outcome<AppliedReport>> {
  const dialog = isAsked ? await context.system.openDialog() : undefined;
  try {
    if (dialog !== undefined) await agreeOrStop(context, dialog, preview);
    const { outcome } = await withFiles(
      [change],
      { warn: context.warn, isTrial: run.confirm !== undefined },
      async () => await tryOut(await initContext(context, run, {}), refresh, dialog),
    );
    return outcome;
  } finally {
    dialog?.close();
  }
}

async function agreeOrStop({ signal }: Context, dialog: Dialog, preview: string): Promise<void> {
  dialog.say(`\n${preview}`);
  if (await ask(dialog, yesOrNo([], 'do this, on trial', false), signal)) return;
  throw new GeofenceError('As you wish: nothing was changed');
}

function changeOf(verb: FenceVerb, name: string, { config }: Context, options: ParsedOptions): OwnFileChange {
  switch (verb) {
    case 'add':
      return addFence(config, { name, ...fenceIn(options) });
    case 'set':
      return setFence(config, name, fenceIn(options));
    case 'remove':
      return removeFenceFile(config, name);
  }
}

/** What options state of a fence. */
function fenceIn(options: ParsedOptions): Omit<StatedFence, 'name'> {
  const { allow, deny, ports, interfaces, allowSubnet, preview, enforce, logDrops, description } = options;
  return {
    allow,
    deny,
    ports,
    interfaces,
    allow_subnets: allowSubnet,
    preview: enforce === true ? false : preview,
    log: logDrops,
    description,
  };
}
