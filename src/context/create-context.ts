import { Store } from '../cache/store.ts';
import { settingsOf } from '../config/flags.ts';
import type { LoadOptions } from './load-config.ts';
import { loadConfig } from './load-config.ts';
import type { Backend } from '../firewall/backend.ts';
import type { Variant } from '../firewall/variants.ts';
import { chooseBackend } from '../firewall/choose.ts';
import type { Family } from '../ip/family.ts';
import { families, ipv4 } from '../ip/family.ts';
import { formatPlural } from '../words/format.ts';
import type { Run } from '../system/run.ts';
import { History } from '../state/history.ts';
import type { System } from '../system/system.ts';
import { ChunkedText } from '../words/chunked-text.ts';
import type { Context, RunOptions } from './context.ts';
import type { ParsedOptions } from './parsed-options.ts';
import { flagsOf } from './parsed-options.ts';
import type { Log } from '../system/log.ts';
import { limitFamilies } from '../policy/limit-families.ts';

/**
 * Settles the configuration, warns of what is doubtful in it, and returns what every command is given; runs no tool.
 * Throws UsageError for a configuration that cannot be used, LockedError when a run of an earlier version holds the
 * state for long.
 */
export async function createContext(
  system: System,
  options: ParsedOptions,
  log: Log,
  loading: Pick<LoadOptions, 'usesMemory' | 'mayBeNew' | 'drafts'>,
  { version, defaultCacheDir, signal, trail }: RunOptions,
): Promise<Context> {
  const { warn, info } = log;
  const config = await loadConfig({
    flags: settingsOf(options),
    configFile: options.config,
    env: system.env,
    defaultCacheDir,
    now: system.now(),
    isRoot: system.isRoot,
    sleep: system.sleep,
    ...loading,
  });
  for (const warning of config.warnings) warn(warning);
  const available = await availableFamilies(system);
  const run = options.verbose === true ? tellCommands(system.run, info) : tellWrites(system.run, log);
  const history = new History(config.memory.dir);
  const backendFor = (variant: Variant): Backend =>
    trail.watch(
      chooseBackend({ run, requireTool: system.requireTool, sleep: system.sleep, available }, variant),
      history,
    );
  return {
    system,
    version,
    config: limitFamilies(config, available),
    store: new Store(config.cacheDir),
    backend: backendFor(config.settings.iptables),
    backendFor,
    available,
    flags: flagsOf(options),
    trail,
    signal,
    ...log,
  };
}

/** Tells every command before it runs, as wg-quick does. */
const tellCommands =
  (run: Run, info: (text: string) => void): Run =>
  async (tool, args, options) => {
    const lines = countLines(options?.input);
    info(`[#] ${[tool, ...args].join(' ')}${lines > 0 ? ` (${formatPlural(lines, 'line')} on stdin)` : ''}`);
    return await run(tool, args, options);
  };

/** The tools that take long are those that are fed: all countries are 90,000 lines. */
const tellWrites =
  (run: Run, { progress }: Log): Run =>
  async (tool, args, options) => {
    const { input } = options ?? {};
    const what = tool === 'ipset' ? 'sets' : 'rules';
    if (input !== undefined) progress(() => `loading ${what}: ${formatPlural(countLines(input), 'line')}`);
    return await run(tool, args, options);
  };

const countLines = (input: string | ChunkedText = ''): number =>
  (typeof input === 'string' ? ChunkedText.of(input) : input).lines;

/** Without this file the kernel has no IPv6 (ipv6.disable=1), and the tools for it fail. */
const availableFamilies = async (system: System): Promise<readonly Family[]> =>
  (await system.readText('/proc/net/if_inet6')) === undefined ? [ipv4] : families;
