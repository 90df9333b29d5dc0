import { resolve } from 'node:path';
import { StateDir } from '../state/state-dir.ts';
import { GeofenceError } from '../errors.ts';
import { readEnvironment } from './environment.ts';
import type { ConfigFile, ReadFiles } from './files.ts';
import { readConfigFiles } from './files.ts';
import { stateDirOf } from './folders.ts';
import type { Config, Layer } from './resolve.ts';
import { mergeLayers, resolveConfig } from './resolve.ts';
import type { Settings } from './settings.ts';
import { defined } from './settled.ts';

export const DEFAULT_FILE = '/etc/geofence/geofence.toml';

/** A settled configuration, with the folders it works in. */
export type LoadedConfig = Config & {
  readonly cacheDir: string;
  readonly memory: StateDir;
  /** What the files say, when they state a policy. */
  readonly filePolicy: Settings | undefined;
  /** The file that states it, whether or not something stronger does too. */
  readonly policyFile: string | undefined;
  /** Where the configuration file is, or would be. */
  readonly path: string;
  /** That file and those of our own beside it, as far as there are any. */
  readonly files: readonly ConfigFile[];
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
  /** Whether a file that was named may be missing: others are about to be written beside it. */
  readonly mayBeNew?: boolean;
  /** What files of our own are about to hold, and what counts then. */
  readonly drafts?: ReadonlyMap<string, string | undefined>;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Where the configuration file is, or would be. */
export const configPath = (named: string | undefined, env: LoadOptions['env']): string =>
  named ?? env['GEOFENCE_CONFIG'] ?? DEFAULT_FILE;

/**
 * Flags, then environment, then files. Where no file states a policy, what the last refresh was told comes next: so
 * cron and boot keep a fence that was set up by hand, escapes included.
 */
export async function loadConfig(options: LoadOptions): Promise<LoadedConfig> {
  const { flags, env, defaultCacheDir, usesMemory } = options;
  const { path, files } = await loadFiles(options);
  const fileLayers = files.map(({ path: origin, settings }): Layer => ({ origin, settings, isFile: true }));
  const layers: Layer[] = [
    { origin: 'the command line', settings: flags },
    { origin: 'the environment', settings: readEnvironment(env) },
    ...fileLayers,
  ];
  // A timer of systemd's starts in another folder.
  const cacheDir = resolve(firstOf(layers, 'cache_dir') ?? defaultCacheDir);
  const memory = new StateDir(resolve(firstOf(layers, 'state_dir') ?? stateDirOf(cacheDir)));
  const filePolicy = policyOf(mergeLayers(fileLayers));
  const { remembered, damage } = usesMemory
    ? await readMemory(memory, filePolicy, hasMode(flags))
    : { remembered: [], damage: [] };
  const config = await resolveConfig([...layers, ...remembered]);
  const lost = usesMemory ? await warnOfLostEscapes(memory, config) : [];
  const warnings = [...config.warnings, ...damage, ...lost];
  const policyFile = fileLayers.find(({ settings }) => hasMode(settings))?.origin;
  return { ...config, warnings, cacheDir, memory, filePolicy, policyFile, path, files };
}

const firstOf = (layers: readonly Layer[], key: 'cache_dir' | 'state_dir'): string | undefined =>
  layers.map(({ settings }) => settings[key]).find((value) => value !== undefined);

/** The files of the configuration with what is wrong with any of them, and of them together. */
export async function inspectFiles(
  options: Omit<LoadOptions, 'flags' | 'usesMemory'>,
): Promise<ReadFiles & { path: string }> {
  const { configFile, env, mayBeNew = false, drafts = new Map<string, undefined>(), now } = options;
  const path = configPath(configFile, env);
  const isNamed = (configFile ?? env['GEOFENCE_CONFIG']) !== undefined;
  const { files, errors } = await readConfigFiles({ path, isNeeded: isNamed && !mayBeNew, drafts, now });
  if (files.length < 2) return { path, files, errors };
  const { findConflicts } = await import('./conflicts.ts');
  return { path, files, errors: [...errors, ...findConflicts(files)] };
}

async function loadFiles(options: LoadOptions): Promise<{ path: string; files: readonly ConfigFile[] }> {
  const { errors, ...read } = await inspectFiles(options);
  for (const error of errors) throw error;
  return read;
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
