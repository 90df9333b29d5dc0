import type { OwnFileChange } from '../config/own-files.ts';
import type { Settings } from '../config/settings.ts';
import { settingNames, settingOf } from '../config/settings.ts';
import { defined } from '../config/settled.ts';
import type { Context } from './context.ts';
import { createContext } from './create-context.ts';
import type { ParsedOptions } from './parsed-options.ts';

/**
 * Returns the context of a run that finds the `wanted` settings in the files, or in `changes`, which are about to be
 * written there; they count in place of environment variables for them. Throws UsageError where they cannot be used.
 */
export async function initContext(
  context: Context,
  { config, offline, force, wait, verbose, confirm }: ParsedOptions,
  wanted: Settings,
  changes: readonly OwnFileChange[] = [],
): Promise<Context> {
  const { system, version, signal, trail, warn, info, progress } = context;
  const hidden = settingNames
    .filter((name) => wanted[name] !== undefined)
    .map((name) => settingOf(name).variable);
  const env = Object.fromEntries(Object.entries(system.env).filter(([name]) => !hidden.includes(name)));
  return await createContext(
    { ...system, env },
    defined({ config, offline, force, wait, verbose, confirm }),
    { warn, info, progress },
    {
      usesMemory: true,
      mayBeNew: true,
      drafts: new Map(changes.map(({ path, after }) => [path, after])),
    },
    { version, signal, trail, defaultCacheDir: context.config.cacheDir },
  );
}
