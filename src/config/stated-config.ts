import type { ConfigFile } from './files.ts';
import type { Config } from './resolve.ts';
import type { Settings } from './settings.ts';

export const DEFAULT_FILE = '/etc/geofence/geofence.toml';

/** Origin of the settings that options state. */
export const COMMAND_LINE = 'the command line';

/** Origin of the settings that environment variables state. */
export const ENVIRONMENT = 'the environment';

/** Origin of the settings that are remembered, as the last refresh was told them. */
export const LAST_REFRESH = 'the last refresh';

/** Origin of all settings while a change waits to be confirmed. */
export const ON_TRIAL = 'the change on trial';

/** A settled configuration, and where it was stated. */
export type StatedConfig = Config & {
  readonly cacheDir: string;
  /** What the files say, when they state a policy. */
  readonly filePolicy: Settings | undefined;
  /** The file that states it, whether or not something stronger does too. */
  readonly policyFile: string | undefined;
  /** Where the configuration file is, or would be. */
  readonly path: string;
  /** That file and those of our own beside it, as far as there are any. */
  readonly files: readonly ConfigFile[];
};

/** The file that states the policy in use, or a fence of it beside what else states one; undefined where none does. */
export const statingFile = ({ fileOf }: Pick<Config, 'fileOf'>): string | undefined =>
  fileOf('allow', 'deny') ?? fileOf('fence');

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Returns which configuration file somebody named: `option` (--config), else GEOFENCE_CONFIG, which counts as unset when
 * it is empty, as every variable does; undefined when nobody named one.
 */
export function namedConfig(option: string | undefined, env: Environment): string | undefined {
  const variable = env['GEOFENCE_CONFIG'];
  return option ?? (variable?.trim() === '' ? undefined : variable);
}

/**
 * Returns where the configuration file is, or would be: the one that `option` (--config) or GEOFENCE_CONFIG names, else
 * /etc/geofence/geofence.toml.
 */
export const configPath = (option: string | undefined, env: Environment): string =>
  namedConfig(option, env) ?? DEFAULT_FILE;
