import { resolve } from 'node:path';
import { StateDir } from '../state/state-dir.ts';
import type { AppliedPolicy } from '../state/applied-policy.ts';
import type { OpenedState } from '../state/move-state.ts';
import { openRootState } from '../state/move-state.ts';
import type { Damage } from '../state/state-file.ts';
import { describeDamage } from '../state/state-file.ts';
import { readEnvironment } from '../config/environment.ts';
import type { ConfigFile, ReadFiles } from '../config/files.ts';
import type { StatedConfig } from '../config/stated-config.ts';
import { COMMAND_LINE, ENVIRONMENT, LAST_REFRESH, configPath, namedConfig } from '../config/stated-config.ts';
import { readConfigFiles } from '../config/files.ts';
import { stateBesideCache, stateDirOf } from '../config/folders.ts';
import type { Config, Layer } from '../config/resolve.ts';
import { mergeLayers, resolveConfig } from '../config/resolve.ts';
import type { Settings } from '../config/settings.ts';
import { defined } from '../config/settled.ts';
import { findStatement } from '../config/statement.ts';

/** A settled configuration, with where it was stated, the folders it works in and what is remembered. */
export type LoadedConfig = StatedConfig & {
  readonly memory: StateDir;
  /** Why the remembered policy, which exists, cannot be used; of runs that look at it. */
  readonly lost: Damage | undefined;
};

export interface LoadOptions {
  readonly flags: Settings;
  /** --config */
  readonly configFile?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where the cache is when nobody says. */
  readonly defaultCacheDir: string;
  readonly isRoot: boolean;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Whether what the last refresh was told counts. */
  readonly usesMemory: boolean;
  /** Whether a file that was named may be missing: others are about to be written beside it. */
  readonly mayBeNew?: boolean;
  /** What files of our own are about to hold, and what counts then. */
  readonly drafts?: ReadonlyMap<string, string | undefined>;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * Settles the configuration: flags, then environment, then files, then, where no file states a policy, what the last
 * refresh was told, so that cron and boot keep a fence that was set up by hand. A damaged memory is no error, but
 * `lost`. Throws UsageError for what cannot be used, LockedError when a run of an earlier version holds root's state
 * for long.
 */
export async function loadConfig(options: LoadOptions): Promise<LoadedConfig> {
  const { flags, env, defaultCacheDir, usesMemory } = options;
  const { path, files } = await loadFiles(options);
  const fileLayers = files.map(layerOf);
  const layers: Layer[] = [
    { origin: COMMAND_LINE, settings: flags },
    { origin: ENVIRONMENT, settings: readEnvironment(env) },
    ...fileLayers,
  ];
  // A timer of systemd's starts in another folder.
  const cacheDir = resolve(firstOf(layers, 'cache_dir') ?? defaultCacheDir);
  const { memory, ...opened } = await openState(options, cacheDir, firstOf(layers, 'state_dir'));
  const filePolicy = policyOf(mergeLayers(fileLayers));
  const { config, ...remembered } = usesMemory
    ? await resolveWith(memory, layers, await readRemembered(memory, filePolicy, hasMode(flags)))
    : { config: await resolveConfig(layers), applied: undefined, lost: undefined };
  const { damage } = await memory.pending.load();
  return {
    ...config,
    warnings: [
      ...opened.warnings,
      ...config.warnings,
      ...(damage === undefined ? [] : [`${describeDamage(damage)}; it counts as absent`]),
      ...warnOfLostEscapes(remembered.applied, config),
    ],
    cacheDir,
    memory,
    lost: remembered.lost ?? (remembered.applied === undefined ? opened.lost : undefined),
    filePolicy,
    policyFile: fileLayers.find(({ settings }) => hasMode(settings))?.origin,
    path,
    files,
  };
}

/** The state folder that is named, or the usual one, for which root's state of earlier versions is taken over. */
async function openState(
  { isRoot, sleep }: LoadOptions,
  cacheDir: string,
  named: string | undefined,
): Promise<OpenedState> {
  const memory = new StateDir(resolve(named ?? stateDirOf(cacheDir, isRoot)));
  if (named !== undefined || !isRoot) return { memory, warnings: [] };
  return await openRootState(memory, stateBesideCache(cacheDir), sleep);
}

const layerOf = ({ path: origin, role, text, settings }: ConfigFile): Layer => ({
  origin,
  settings,
  isFile: true,
  ...(role === 'config' && settings.fence !== undefined
    ? { fenceLines: settings.fence.map((_, i) => findStatement(text, 'fence', i)?.line) }
    : {}),
});

const firstOf = (layers: readonly Layer[], key: 'cache_dir' | 'state_dir'): string | undefined =>
  layers.map(({ settings }) => settings[key]).find((value) => value !== undefined);

/**
 * Reads the files of the configuration and returns them with all that is wrong with any of them, and of them together;
 * what cannot be used is no reason to throw.
 */
export async function inspectFiles(
  options: Omit<LoadOptions, 'flags' | 'usesMemory'>,
): Promise<ReadFiles & { path: string }> {
  const { configFile, env, mayBeNew = false, drafts = new Map<string, undefined>(), now } = options;
  const path = configPath(configFile, env);
  const isNamed = namedConfig(configFile, env) !== undefined;
  const { files, errors } = await readConfigFiles({ path, isNeeded: isNamed && !mayBeNew, drafts, now });
  if (files.length < 2) return { path, files, errors };
  const { findConflicts } = await import('../config/conflicts.ts');
  return { path, files, errors: [...errors, ...findConflicts(files)] };
}

async function loadFiles(options: LoadOptions): Promise<{ path: string; files: readonly ConfigFile[] }> {
  const { errors, ...read } = await inspectFiles(options);
  for (const error of errors) throw error;
  return read;
}

/** Whether it states the fence at the top level: further ones stand only in files. */
const hasMode = (settings: Settings | undefined): boolean =>
  (settings?.allow ?? settings?.deny) !== undefined;

const policyOf = (settings: Settings | undefined): Settings | undefined =>
  hasMode(settings) ? settings : undefined;

interface Remembered {
  /** What the last refresh was told, as a layer, where it counts. */
  readonly layers: readonly Layer[];
  readonly applied: AppliedPolicy | undefined;
  readonly lost: Damage | undefined;
}

/** Where a file states the policy nothing else counts. Somebody who types one starts anew, and keeps the escapes only. */
async function readRemembered(
  { policy }: StateDir,
  filePolicy: Settings | undefined,
  escapesOnly: boolean,
): Promise<Remembered> {
  const { value: applied, damage: lost } = await policy.load();
  if (applied === undefined || filePolicy !== undefined) return { layers: [], applied, lost };
  const { settings } = applied;
  const kept = escapesOnly ? defined({ allow_subnets: settings.allow_subnets }) : settings;
  return { layers: [{ origin: LAST_REFRESH, settings: kept }], applied, lost };
}

/** What the last refresh was told may name what there is no more, such as a country: then it is lost, too. */
async function resolveWith(
  { policy }: StateDir,
  layers: readonly Layer[],
  { layers: remembered, ...rest }: Remembered,
): Promise<{ config: Config } & Pick<Remembered, 'applied' | 'lost'>> {
  try {
    return { ...rest, config: await resolveConfig([...layers, ...remembered]) };
  } catch (error) {
    if (remembered.length === 0) throw error;
    // Throws again when it is one of these that cannot be used.
    const config = await resolveConfig(layers);
    return { config, applied: undefined, lost: policy.damageOf(error) };
  }
}

/** What got through until now and will not any more, as a warning. Who types the escapes knows which. */
function warnOfLostEscapes(applied: AppliedPolicy | undefined, config: Config): string[] {
  const { settings, stated, originOf } = config;
  if (!hasMode(stated) || originOf('allow_subnets') === COMMAND_LINE) return [];
  const before = applied?.inForce.allow_subnets ?? [];
  const lost = before.filter((text) => !settings.allow_subnets.includes(text));
  if (lost.length === 0) return [];
  return [`ALLOWSUBNET ${lost.join(', ')} got through until now, and is not among the escapes any more`];
}
