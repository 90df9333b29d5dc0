import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Memory } from '../cache/memory.ts';
import { GeofenceError, UsageError, codeOf, messageOf } from '../errors.ts';
import { readEnvironment } from './environment.ts';
import type { Config, Layer } from './resolve.ts';
import { resolveConfig } from './resolve.ts';
import type { Settings } from './settings.ts';

const DEFAULT_FILE = '/etc/geofence/geofence.toml';

/** A settled configuration, with the folders it works in. */
export type LoadedConfig = Config & {
  readonly cacheDir: string;
  readonly memory: Memory;
  /** The configuration file, when there is one. */
  readonly file: string | undefined;
};

export interface LoadOptions {
  readonly flags: Settings;
  /** --config */
  readonly configFile?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where the cache is when nobody says. */
  readonly defaultCacheDir: string;
}

/**
 * Flags, then environment, then file. Where no file states a policy, what the last refresh was told comes next: so
 * cron and boot keep a fence that was set up by hand, escapes included.
 */
export async function loadConfig({
  flags,
  configFile,
  env,
  defaultCacheDir,
}: LoadOptions): Promise<LoadedConfig> {
  const file = await readConfigFile(configFile ?? env['GEOFENCE_CONFIG']);
  const layers: Layer[] = [
    { origin: 'the command line', settings: flags },
    { origin: 'the environment', settings: readEnvironment(env) },
    ...(file === undefined ? [] : [file]),
  ];
  const cacheDir = firstOf(layers, 'cache_dir') ?? defaultCacheDir;
  const memory = new Memory(firstOf(layers, 'state_dir') ?? join(cacheDir, 'state'));
  const hasFilePolicy = file?.settings.allow !== undefined || file?.settings.deny !== undefined;
  const remembered = hasFilePolicy ? undefined : await readRemembered(memory);
  const config = resolveConfig([...layers, ...(remembered === undefined ? [] : [remembered])]);
  return { ...config, cacheDir, memory, file: file?.origin };
}

const firstOf = (layers: readonly Layer[], key: 'cache_dir' | 'state_dir'): string | undefined =>
  layers.map(({ settings }) => settings[key]).find((value) => value !== undefined);

async function readConfigFile(named: string | undefined): Promise<Layer | undefined> {
  const path = named ?? DEFAULT_FILE;
  let text;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (named === undefined && codeOf(error) === 'ENOENT') return undefined;
    const reasons: Record<string, string> = {
      ENOENT: 'no such file',
      EACCES: 'permission denied',
      EISDIR: 'it is a folder',
    };
    throw new UsageError(
      `Cannot read configuration "${path}": ${reasons[codeOf(error) ?? ''] ?? messageOf(error)}`,
    );
  }
  const { parseConfig } = await import('./parse.ts');
  return { origin: path, settings: parseConfig(path, text) };
}

async function readRemembered({ policy }: Memory): Promise<Layer | undefined> {
  const data = await policy.read();
  if (data === undefined) return undefined;
  const { checkSettings } = await import('./parse.ts');
  const settings = checkSettings(data, ([first]) => {
    const reason = `${first?.key}: ${first?.reason}`;
    return new GeofenceError(`Cannot use the remembered policy "${policy.path}": ${reason}`, {
      hint: 'delete it and state the policy once more, for example: geofence refresh --allow CA',
    });
  });
  return { origin: 'the last refresh', settings };
}

/** What `restore`, `status` and a bare `refresh` should use from now on. The folders go without saying. */
export function settingsToRemember({ stated }: LoadedConfig): Settings {
  const { cache_dir: _, state_dir: __, ...settings } = stated;
  return settings;
}
