import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { StateDir } from '../state/state-dir.ts';
import { GeofenceError, UsageError, codeOf, messageOf } from '../errors.ts';
import { readEnvironment } from './environment.ts';
import { stateDirOf } from './folders.ts';
import type { Config, Layer } from './resolve.ts';
import { resolveConfig } from './resolve.ts';
import type { Settings } from './settings.ts';
import { defined } from './settings.ts';

export const DEFAULT_FILE = '/etc/geofence/geofence.toml';

/** A settled configuration, with the folders it works in. */
export type LoadedConfig = Config & {
  readonly cacheDir: string;
  readonly memory: StateDir;
  /** What the configuration file says, when it states a policy. */
  readonly filePolicy: Settings | undefined;
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
  /** Whether what the last refresh was told counts. */
  readonly usesMemory: boolean;
  /** Whether a file that was named may be missing: it is about to be written. */
  readonly mayBeNew?: boolean;
  /** What the file is about to hold, and what counts then. */
  readonly draft?: string;
}

/** Where the configuration file is, or would be. */
export const configPath = (named: string | undefined, env: LoadOptions['env']): string =>
  named ?? env['GEOFENCE_CONFIG'] ?? DEFAULT_FILE;

/**
 * Flags, then environment, then file. Where no file states a policy, what the last refresh was told comes next: so
 * cron and boot keep a fence that was set up by hand, escapes included.
 */
export async function loadConfig(options: LoadOptions): Promise<LoadedConfig> {
  const { flags, env, defaultCacheDir, usesMemory } = options;
  const file = await readConfigFile(options);
  const layers: Layer[] = [
    { origin: 'the command line', settings: flags },
    { origin: 'the environment', settings: readEnvironment(env) },
    ...(file === undefined ? [] : [file]),
  ];
  // A timer of systemd's starts in another folder.
  const cacheDir = resolve(firstOf(layers, 'cache_dir') ?? defaultCacheDir);
  const memory = new StateDir(resolve(firstOf(layers, 'state_dir') ?? stateDirOf(cacheDir)));
  const filePolicy = policyOf(file?.settings);
  const { remembered, damage } = usesMemory
    ? await readMemory(memory, filePolicy, hasMode(flags))
    : { remembered: [], damage: [] };
  const config = await resolveConfig([...layers, ...remembered]);
  const lost = usesMemory ? await warnOfLostEscapes(memory, config) : [];
  const warnings = [...config.warnings, ...damage, ...lost];
  return { ...config, warnings, cacheDir, memory, filePolicy, file: file?.origin };
}

const firstOf = (layers: readonly Layer[], key: 'cache_dir' | 'state_dir'): string | undefined =>
  layers.map(({ settings }) => settings[key]).find((value) => value !== undefined);

async function readConfigFile({ configFile, env, mayBeNew, draft }: LoadOptions): Promise<Layer | undefined> {
  const path = configPath(configFile, env);
  const isNamed = (configFile ?? env['GEOFENCE_CONFIG']) !== undefined;
  const text = draft ?? (await readText(path, !isNamed || mayBeNew === true));
  if (text === undefined) return undefined;
  const { parseConfig } = await import('./parse.ts');
  return { origin: path, settings: parseConfig(path, text), isFile: true };
}

async function readText(path: string, mayBeMissing: boolean): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (mayBeMissing && codeOf(error) === 'ENOENT') return undefined;
    const reasons: Record<string, string> = {
      ENOENT: 'no such file',
      EACCES: 'permission denied',
      EISDIR: 'it is a folder',
    };
    throw new UsageError(
      `Cannot read configuration "${path}": ${reasons[codeOf(error) ?? ''] ?? messageOf(error)}`,
    );
  }
}

const hasMode = (settings: Settings | undefined): boolean =>
  settings?.allow !== undefined || settings?.deny !== undefined;

const policyOf = (settings: Settings | undefined): Settings | undefined =>
  hasMode(settings) ? settings : undefined;

/** What the last refresh was told. Where a file states the policy nobody needs it, and damage of it stops nobody. */
async function readMemory(
  memory: StateDir,
  filePolicy: Settings | undefined,
  escapesOnly: boolean,
): Promise<{ remembered: Layer[]; damage: string[] }> {
  if (filePolicy !== undefined) return { remembered: [], damage: await memory.policy.ignoreDamage() };
  const layer = await readRemembered(memory, escapesOnly);
  return { remembered: layer === undefined ? [] : [layer], damage: [] };
}

/** Somebody who states a policy starts anew; only the escapes stay, lest they be forgotten. */
async function readRemembered({ policy }: StateDir, escapesOnly: boolean): Promise<Layer | undefined> {
  const data = await policy.read();
  if (data === undefined) return undefined;
  const { checkSettings } = await import('./parse.ts');
  const settings = checkSettings(data.settings, ([first]) => {
    const reason = `${first?.key}: ${first?.reason}`;
    return new GeofenceError(`Cannot use the remembered policy "${policy.path}": ${reason}`, {
      hint: 'delete it and state the policy once more, for example: geofence refresh --allow CA',
    });
  });
  const kept = escapesOnly ? defined({ allow_subnets: settings.allow_subnets }) : settings;
  return { origin: 'the last refresh', settings: kept };
}

/** What got through until now and will not any more, as a warning. Who types the escapes knows which. */
async function warnOfLostEscapes({ policy }: StateDir, config: Config): Promise<string[]> {
  const { settings, stated, originOf } = config;
  if (!hasMode(stated) || originOf('allow_subnets') === 'the command line') return [];
  const before = (await policy.read())?.inForce.allow_subnets ?? [];
  const lost = before.filter((text) => !settings.allow_subnets.includes(text));
  if (lost.length === 0) return [];
  return [`ALLOWSUBNET ${lost.join(', ')} got through until now, and is not among the escapes any more`];
}
