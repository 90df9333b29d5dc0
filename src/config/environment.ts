import type { Settings } from './settings.ts';
import { settingRows } from './settings.ts';
import { parseVariable } from './values.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the settings of the environment. ALLOWSUBNET and MAXZONEAGE are those of the shell scripts geofence replaces: a
 * list separated by spaces or commas, and days. An empty variable counts as unset. Throws UsageError for a value that
 * cannot be used.
 */
export function readEnvironment(env: Environment): Settings {
  const stated: [string, unknown][] = [];
  for (const [name, { variable, value }] of settingRows) {
    const text = variable === undefined ? undefined : env[variable]?.trim();
    if (variable !== undefined && text !== undefined && text !== '')
      stated.push([name, parseVariable(text, variable, value)]);
  }
  return Object.fromEntries(stated);
}
