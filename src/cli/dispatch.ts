import { check } from '../commands/check.ts';
import { confirm } from '../commands/confirm.ts';
import type { Context } from '../context/context.ts';
import type { Outcome } from '../context/outcome.ts';
import { afterOverdue, afterOverdueIfPossible, endOverdue } from '../context/end-overdue.ts';
import type { FenceVerb } from '../commands/fence.ts';
import { fetch } from '../commands/fetch.ts';
import type { ParsedOptions } from '../context/parsed-options.ts';
import { plan, planScript } from '../commands/plan.ts';
import type { CommandName } from './command-name.ts';
import { refresh } from '../commands/refresh.ts';
import { reload } from '../context/reload.ts';
import { remove } from '../commands/remove.ts';
import { planRestore, restore } from '../commands/restore.ts';
import { rollback } from '../commands/rollback.ts';
import { status } from '../commands/status.ts';

export { AuditTrail } from '../context/audit-trail.ts';
export { createContext } from '../context/create-context.ts';

type RunCommand = (context: Context, options: ParsedOptions, args: string[]) => Promise<Outcome>;

/**
 * What runs every week, at boot and when somebody looks is loaded as one, which is faster than many small parts; the
 * rest when it is asked for.
 */
export const commands: Record<Exclude<CommandName, 'config check'>, RunCommand> = {
  refresh: async (context, options) =>
    context.flags.dryRun
      ? await plan(context, context.flags)
      : await refresh(await afterOverdue(context, options)),
  fetch: async (context, options) => await fetch(await afterOverdueIfPossible(context, options)),
  plan: async (context, options) => {
    const now = await afterOverdueIfPossible(context, options);
    return options.script === true ? await planScript(now, now.flags) : await plan(now, now.flags);
  },
  restore: async (context, { setsOnly }) =>
    await (context.flags.dryRun ? planRestore : restore)(context, { setsOnly: setsOnly === true }),
  status: async (context, options) =>
    await status(context, { check: options.check === true }, async () => await reload(context, options)),
  check: async (context, options, targets) => {
    const { summary, json, port } = options;
    const now = await afterOverdueIfPossible(context, options);
    return await check(now, targets, { summary: summary === true, json: json === true, port });
  },
  confirm: async (context) => {
    await endOverdue(context);
    return await confirm(context);
  },
  rollback: async (context, { pending }) => await rollback(context, pending),
  remove,
  'fence list': async (context) => (await import('../commands/fence.ts')).fenceList(context),
  'fence add': async (context, options, [name = '']) => await changeFences(context, 'add', name, options),
  'fence set': async (context, options, [name = '']) => await changeFences(context, 'set', name, options),
  'fence remove': async (context, options, [name = '']) =>
    await changeFences(context, 'remove', name, options),
  open: async (context, options, words) =>
    await (
      await import('../commands/holes.ts')
    ).open(context, words, { from: options.from, seconds: options.for, command: options.command }),
  close: async (context, options, words) =>
    await (
      await import('../commands/holes.ts')
    ).close(context, words, { from: options.from, all: options.all === true }),
  history: async (context) => await (await import('../commands/history.ts')).history(context),
  zones: async (context, _, countries) =>
    await (await import('../commands/zones.ts')).zones(context, countries),
  'zones diff': async (context, _, countries) =>
    await (await import('../commands/zones-diff.ts')).zonesDiff(context, countries),
  'zones export': async (context, options, countries) =>
    await (await import('../commands/zones-export.ts')).zonesExport(context, countries, options),
  init: async (context, options) => {
    await endOverdue(context);
    const steps = { plan: async (draft: Context) => await plan(draft, draft.flags), refresh };
    return await (await import('../commands/init.ts')).init(context, options, steps);
  },
  install: async (context, options) =>
    await (await import('../commands/install.ts')).install(context, options),
  uninstall: async (context, options) =>
    await (await import('../commands/uninstall.ts')).uninstall(context, options),
};

const changeFences = async (
  context: Context,
  verb: FenceVerb,
  name: string,
  options: ParsedOptions,
): Promise<Outcome> =>
  await (
    await import('../commands/fence.ts')
  ).changeFence(await afterOverdue(context, options), verb, name, {
    options,
    steps: { plan: async (draft) => await plan(draft, draft.flags), refresh },
  });
