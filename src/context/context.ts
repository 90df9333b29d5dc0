import type { Store } from '../cache/store.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { Backend } from '../firewall/backend.ts';
import type { Variant } from '../firewall/choose.ts';
import type { ExitCode } from '../errors.ts';
import type { Family } from '../ip/family.ts';
import type { System } from '../system/system.ts';
import type { Log } from './log.ts';
import type { ChunkedText } from '../words/chunked-text.ts';

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
  /** Aborted by Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
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

/** What a command has to say. */
export interface Outcome {
  readonly exitCode: ExitCode;
  /** For people; printed on stdout, lines ended. */
  readonly text: string | ChunkedText;
  /** For --json; the same facts. */
  readonly json: object;
  /** Whether that stands on one line, as the last of many. */
  readonly isJsonLine?: boolean;
}
