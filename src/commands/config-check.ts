import { ConfigError } from '../config/config-error.ts';
import type { ConfigFile } from '../config/files.ts';
import { settingsOf } from '../config/flags.ts';
import type { LoadOptions, LoadedConfig } from '../context/load-config.ts';
import { inspectFiles, loadConfig } from '../context/load-config.ts';
import { resolveConfig } from '../config/resolve.ts';
import type { SettingName } from '../config/settings.ts';
import { settingRows } from '../config/settings.ts';
import { lineOf, originsOf } from '../config/origins.ts';
import type { MainOptions } from '../context/context.ts';
import type { Outcome } from '../context/outcome.ts';
import type { ParsedOptions } from '../context/parsed-options.ts';
import { GeofenceError, exitCodes } from '../errors.ts';
import type { ConfigReport, ConfigTrouble, EffectiveSetting } from '../report/config.ts';
import { renderConfig } from '../report/config.ts';
import { describeDamage } from '../state/state-file.ts';
import type { System } from '../system/system.ts';

/**
 * Says what each setting is and where it is stated, and all that is wrong with the configuration, which shows in the
 * exit code. Needs no privilege; throws only for defects of ours.
 */
export async function configCheck(
  system: System,
  options: ParsedOptions,
  { defaultCacheDir }: MainOptions,
): Promise<Outcome<ConfigReport>> {
  const report = await inspect({
    flags: settingsOf(options),
    configFile: options.config,
    env: system.env,
    defaultCacheDir,
    usesMemory: true,
    isRoot: system.isRoot,
    sleep: system.sleep,
    now: system.now(),
  });
  return {
    exitCode: report.ok ? exitCodes.done : exitCodes.usage,
    report,
    render: renderConfig,
  };
}

async function inspect(options: LoadOptions): Promise<ConfigReport> {
  const { files, errors } = await inspectFiles(options);
  const found = [...errors.flatMap(troublesOf), ...(await troublesInFiles(files))];
  const config = await loadConfig(options).catch((error: unknown) => asExpected(error));
  const isTold = config instanceof GeofenceError && found.length > 0;
  const problems = config instanceof GeofenceError && !isTold ? troublesOf(config) : found;
  return {
    ok: problems.length === 0,
    files: files.map(({ path }) => path),
    settings: config instanceof GeofenceError ? [] : effectiveSettings(config),
    problems,
    warnings: config instanceof GeofenceError ? [] : allWarnings(config),
  };
}

const allWarnings = ({ warnings, lost }: LoadedConfig): string[] => [
  ...warnings,
  ...(lost === undefined ? [] : [describeDamage(lost)]),
];

function asExpected(error: unknown): GeofenceError {
  if (error instanceof GeofenceError) return error;
  throw error;
}

function troublesOf(error: GeofenceError): ConfigTrouble[] {
  const { message, hint } = error;
  return error instanceof ConfigError
    ? error.problems.map((problem) => ({ hint: undefined, ...problem }))
    : [{ file: undefined, line: undefined, message, hint }];
}

/** What the schema cannot tell: countries that are none, networks that are none. */
async function troublesInFiles(files: readonly ConfigFile[]): Promise<ConfigTrouble[]> {
  const troubles: ConfigTrouble[] = [];
  for (const file of files) {
    for (const name of ['allow', 'deny', 'allow_subnets', 'ports', 'interfaces', 'fence'] as const) {
      troubles.push(...(await troublesIn(file, name)));
    }
  }
  return troubles;
}

async function troublesIn(file: ConfigFile, name: SettingName): Promise<ConfigTrouble[]> {
  const { path, settings } = file;
  try {
    await resolveConfig([{ origin: path, settings: { [name]: settings[name] } }]);
    return [];
  } catch (error) {
    const { message, hint } = asExpected(error);
    return [{ file: path, line: lineOf(file, name), message, hint }];
  }
}

const effectiveSettings = (config: LoadedConfig): EffectiveSetting[] =>
  settingRows.map(([name, { otherwise = 'none', changesFence }]) => ({
    name,
    value: effectiveValue(config, name),
    otherwise,
    origins: originsOf(config, name),
    changesFence,
  }));

function effectiveValue(
  { settings, cacheDir, memory }: LoadedConfig,
  name: SettingName,
): EffectiveSetting['value'] {
  if (name === 'cache_dir') return cacheDir;
  if (name === 'state_dir') return memory.dir;
  return name === 'fence' ? (settings.fence?.map((fence) => fence.name) ?? null) : (settings[name] ?? null);
}
