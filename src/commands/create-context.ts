import { Store } from '../cache/store.ts';
import { loadConfig } from '../config/load.ts';
import { createKernelBackend } from '../firewall/kernel.ts';
import { formatPlural } from '../report/format.ts';
import type { Run } from '../system/run.ts';
import type { System } from '../system/system.ts';
import type { Context, MainOptions } from './context.ts';
import type { ParsedOptions } from './options.ts';
import { flagsOf, settingsOf } from './options.ts';

/** Settles the configuration and gathers what every command is given. */
export async function createContext(
  system: System,
  options: ParsedOptions,
  { version, defaultCacheDir, signal }: MainOptions,
): Promise<Context> {
  const { stderr } = system;
  const warn = (text: string): void => stderr.write(`geofence: warning: ${text}\n`);
  const isTold = options.verbose === true || (stderr.isTTY && options.quiet !== true);
  const note = (text: string): void => (isTold ? stderr.write(`${text}\n`) : undefined);
  const config = await loadConfig({
    flags: settingsOf(options),
    configFile: options.config,
    env: system.env,
    defaultCacheDir,
  });
  for (const warning of config.warnings) warn(warning);
  const run = options.verbose === true ? tellCommands(system.run, note) : system.run;
  return {
    system,
    version,
    config,
    store: new Store(config.cacheDir),
    backend: createKernelBackend(run, system.sleep, config.settings.iptables),
    flags: flagsOf(options),
    signal,
    warn,
    note,
  };
}

/** Tells every command before it runs, as wg-quick does. */
const tellCommands =
  (run: Run, note: (text: string) => void): Run =>
  async (tool, args, options) => {
    const lines = options?.input?.split('\n').length ?? 1;
    note(
      `[#] ${[tool, ...args].join(' ')}${lines > 1 ? ` (${formatPlural(lines - 1, 'line')} on stdin)` : ''}`,
    );
    return await run(tool, args, options);
  };
