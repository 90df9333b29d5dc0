import type { LoadedConfig } from '../context/load-config.ts';
import { settingsOf } from '../config/flags.ts';
import type { FileChange } from '../config/own-files.ts';
import type { SettingName, Settings } from '../config/settings.ts';
import { settingNames, settingOf } from '../config/settings.ts';
import { defined } from '../config/settled.ts';
import type { Context } from '../context/context.ts';
import { createContext } from '../context/create-context.ts';
import type { ParsedOptions } from '../context/parsed-options.ts';

/**
 * What the files have to say: the answers, what was typed, and what counted until now for want of a file: what was
 * remembered, and ALLOWSUBNET (one of the answers) and MAXZONEAGE, which people bring along from their scripts.
 */
export function settingsToWrite(config: LoadedConfig, options: ParsedOptions, answers: Settings): Settings {
  const { stated, originOf, files } = config;
  const isCarried = (name: SettingName): boolean =>
    originOf(name) === 'the last refresh' ||
    (name === 'max_zone_age_days' && files.every(({ settings }) => settings[name] === undefined));
  const carried = Object.fromEntries(
    settingNames.filter(isCarried).map((name) => [name, stated[name]]),
  ) as Settings;
  const { allow: _allow, deny: _deny, ...typed } = settingsOf(options);
  const { allow: _allowed, deny: _denied, ...others } = carried;
  return defined({ ...answers, ...others, ...typed, ...answers });
}

/**
 * The context of a run that finds the `wanted` settings in the files, or in what is about to be written there; they count
 * in place of the variables for them.
 */
export async function initContext(
  context: Context,
  { config, offline, force, wait, verbose, confirm }: ParsedOptions,
  wanted: Settings,
  changes: readonly FileChange[] = [],
): Promise<Context> {
  const { system, version, signal, warn, info, progress } = context;
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
    { version, signal, defaultCacheDir: context.config.cacheDir },
  );
}
