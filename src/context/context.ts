import type { Store } from '../cache/store.ts';
import type { RemovalInputs } from '../apply/remove-fence.ts';
import type { AuditTrail } from './audit-trail.ts';
import type { ChangeLocking } from '../apply/with-lock.ts';
import type { LoadedConfig } from './load-config.ts';
import type { Backend } from '../firewall/backend.ts';
import type { Variant } from '../firewall/variants.ts';
import type { DownloadInputs } from '../sources/download.ts';
import type { Family } from '../ip/family.ts';
import type { System } from '../system/system.ts';
import type { Log } from '../system/log.ts';

/** What every command is given. */
export interface Context extends Log {
  readonly system: System;
  readonly version: string;
  readonly config: LoadedConfig;
  readonly store: Store;
  readonly backend: Backend;
  /** That of another iptables. */
  readonly backendFor: (variant: Variant) => Backend;
  /** The families that the kernel has. */
  readonly available: readonly Family[];
  readonly flags: CommandFlags;
  /** Is told of every change of the kernel. */
  readonly trail: AuditTrail;
  /** Aborted by Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
}

/** What each context of a run has in common. */
export interface RunOptions extends MainOptions {
  readonly trail: AuditTrail;
}

/** What only the program that was started knows. */
export interface MainOptions {
  readonly version: string;
  readonly defaultCacheDir: string;
  readonly signal: AbortSignal;
}

/** The options that are no settings: they hold for one run and are not remembered. */
export interface CommandFlags {
  readonly dryRun: boolean;
  readonly offline: boolean;
  /** Names of guards to pass over. */
  readonly force: ReadonlySet<string>;
  /** How long to wait for another run, in seconds. */
  readonly waitSeconds: number;
  /** After how long an unconfirmed change is taken back. */
  readonly confirmSeconds?: number;
}

/** Returns what a command that fetches zones hands to download(). */
export const downloadInputsOf = (context: Context): DownloadInputs => ({
  store: context.store,
  settings: context.config.settings,
  system: context.system,
  log: context,
  version: context.version,
  force: context.flags.force,
});

/** Returns what a command that removes the fence hands to removeFence(). */
export const removalInputsOf = (context: Context): RemovalInputs => {
  const { config, backend, backendFor, system, flags, warn } = context;
  return {
    backend,
    backendFor,
    iptables: config.settings.iptables,
    memory: config.memory,
    system,
    locking: { ...lockingOf(context), warn },
    isDryRun: flags.dryRun,
  };
};

/** Returns how a command waits for another run: as long as --wait says, and until its signal aborts. */
export const lockingOf = ({ flags, system, signal }: Context): ChangeLocking => ({
  waitSeconds: flags.waitSeconds,
  sleep: system.sleep,
  signal,
  kernelFolder: system.kernelFolder,
});
