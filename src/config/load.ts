import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { GeofenceError, UsageError, codeOf, messageOf } from '../errors.ts';
import { readIfExists, writeFileAtomic } from '../system/files.ts';
import { readEnvironment } from './environment.ts';
import type { Config, Layer } from './resolve.ts';
import { resolveConfig } from './resolve.ts';
import type { Settings } from './settings.ts';

const DEFAULT_FILE = '/etc/geofence/geofence.toml';

/** A settled configuration, with the folder it works in. */
export type LoadedConfig = Config & { readonly cacheDir: string; readonly file: string | undefined };

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
  const cacheDirs = layers.flatMap(({ settings }) => settings.cache_dir ?? []);
  const cacheDir = cacheDirs[0] ?? defaultCacheDir;
  const hasFilePolicy = file?.settings.allow !== undefined || file?.settings.deny !== undefined;
  const remembered = hasFilePolicy ? undefined : await readRemembered(cacheDir);
  const config = resolveConfig([...layers, ...(remembered === undefined ? [] : [remembered])]);
  return { ...config, cacheDir: cacheDir, file: file?.origin };
}

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

const policyPath = (cacheDir: string): string => join(cacheDir, 'policy.json');

async function readRemembered(cacheDir: string): Promise<Layer | undefined> {
  const path = policyPath(cacheDir);
  const data = await readIfExists(path);
  if (data === undefined) return undefined;
  const broken = (reason: string): GeofenceError =>
    new GeofenceError(`Cannot read the remembered policy "${path}": ${reason}`, {
      hint: 'state the policy once more, for example: geofence refresh --allow CA',
    });
  let json: unknown;
  try {
    json = JSON.parse(data.toString('utf8'));
  } catch (error) {
    throw broken(messageOf(error));
  }
  const { checkSettings } = await import('./parse.ts');
  const settings = checkSettings(json, ([first]) => broken(`${first?.key}: ${first?.reason}`));
  return { origin: 'the last refresh', settings };
}

/** Keeps what a refresh was told for `restore`, `status` and a bare `refresh`. The cache folder goes without saying. */
export async function rememberPolicy(config: LoadedConfig): Promise<void> {
  const { cache_dir: _, ...settings } = config.stated;
  await writeFileAtomic(policyPath(config.cacheDir), `${JSON.stringify(settings, undefined, 2)}\n`);
}

/** Forgets it again, after a `remove`. */
export const forgetPolicy = async (cacheDir: string): Promise<void> => {
  await rm(policyPath(cacheDir), { force: true });
};
