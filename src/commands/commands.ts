import { check } from './check.ts';
import { confirm } from './confirm.ts';
import type { Context, Outcome } from './context.ts';
import { fetch } from './fetch.ts';
import { init } from './init.ts';
import type { ParsedOptions } from './options.ts';
import { plan } from './plan.ts';
import type { CommandName } from './program.ts';
import { refresh } from './refresh.ts';
import { remove } from './remove.ts';
import { restore } from './restore.ts';
import { rollback } from './rollback.ts';
import { status } from './status.ts';
import { zonesDiff } from './zones-diff.ts';
import { zonesExport } from './zones-export.ts';
import { zones } from './zones.ts';

export { createContext } from './create-context.ts';

type Run = (context: Context, options: ParsedOptions, args: string[]) => Promise<Outcome>;

/** All that is only needed once a command runs, as one: Node takes longer over many small files than over one large. */
export const commands: Record<CommandName, Run> = {
  init,
  refresh,
  fetch,
  plan: async (context, { script }) => await plan(context, { script: script === true }),
  restore: async (context, { setsOnly }) => await restore(context, { setsOnly: setsOnly === true }),
  status,
  check: async (context, _, addresses) => await check(context, addresses),
  confirm,
  rollback: async (context, { pending }) => await rollback(context, pending),
  remove,
  // Rare, and with texts of their own.
  install: async (context, options) => await (await import('./install.ts')).install(context, options),
  uninstall: async (context, options) => await (await import('./uninstall.ts')).uninstall(context, options),
  zones: async (context, _, countries) => await zones(context, countries),
  'zones diff': async (context, _, countries) => await zonesDiff(context, countries),
  'zones export': async (context, options, countries) => await zonesExport(context, countries, options),
};
