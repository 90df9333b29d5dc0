import type { LoadedConfig } from '../config/load.ts';
import type { Settings } from '../config/settings.ts';
import { defined } from '../config/settings.ts';
import type { Context } from '../context/context.ts';
import { createContext } from '../context/create-context.ts';
import type { ParsedOptions } from '../context/parsed-options.ts';
import { settingsOf } from '../context/parsed-options.ts';

/**
 * What the configuration file has to say: the answers, what was typed, and what counted until now for want of a file:
 * what was remembered, and ALLOWSUBNET (one of the answers) and MAXZONEAGE, which people bring along from their scripts.
 */
export function settingsToWrite(config: LoadedConfig, options: ParsedOptions, answers: Settings): Settings {
  const carried = Object.entries(config.stated).filter(
    ([key]) => key === 'max_zone_age_days' || config.originOf(key as keyof Settings) === 'the last refresh',
  );
  const { allow: _allow, deny: _deny, ...typed } = settingsOf(options);
  const { allow: _allowed, deny: _denied, ...others } = Object.fromEntries(carried) as Settings;
  return { ...answers, ...others, ...typed, ...answers };
}

/** What is written counts in place of these. */
const variables: Partial<Record<keyof ParsedOptions, string>> = {
  mirror: 'GEOFENCE_MIRROR',
  cacheDir: 'GEOFENCE_CACHE_DIR',
  stateDir: 'GEOFENCE_STATE_DIR',
};

/** The context of a run that finds the settings in the configuration file, or in the `draft` of it. */
export async function initContext(
  context: Context,
  { config, offline, force, wait, verbose, confirm, ...typed }: ParsedOptions,
  draft?: string,
): Promise<Context> {
  const { system, version, signal, warn, info, progress } = context;
  const replaced = Object.entries(variables).filter(([option]) => option in typed);
  const hidden = ['ALLOWSUBNET', 'MAXZONEAGE', ...replaced.map(([, variable]) => variable)];
  const env = Object.fromEntries(Object.entries(system.env).filter(([name]) => !hidden.includes(name)));
  return await createContext(
    { ...system, env },
    defined({ config, offline, force, wait, verbose, confirm }),
    { warn, info, progress },
    { usesMemory: true, ...defined({ draft }) },
    { version, signal, defaultCacheDir: context.config.cacheDir },
  );
}
