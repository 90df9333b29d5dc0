import type { ConfigFile } from './files.ts';
import type { Config } from './resolve.ts';
import type { Settings } from './settings.ts';

export const DEFAULT_FILE = '/etc/geofence/geofence.toml';

/** Where settings are from while a change waits to be confirmed. */
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

/**
 * Returns where the configuration file is, or would be: `named` (--config), else GEOFENCE_CONFIG, else
 * /etc/geofence/geofence.toml.
 */
export const configPath = (
  named: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): string => named ?? env['GEOFENCE_CONFIG'] ?? DEFAULT_FILE;
