import { setTimeout } from 'node:timers/promises';
import type { StartDetached } from './detach.ts';
import { startDetached } from './detach.ts';
import { modifiedAt, readIfExists } from './files.ts';
import type { Run } from './run.ts';
import { runTool } from './run.ts';

/** A stream for people or for the next command in a pipe. */
export interface Output {
  readonly isTTY: boolean;
  /** How wide the terminal is. */
  readonly columns?: number | undefined;
  readonly write: (text: string) => void;
}

/** Everything geofence may ask of the world outside, so that tests can stand in for any of it. */
export interface System {
  readonly run: Run;
  /** Of this process. */
  readonly pid: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: { readonly isTTY: boolean };
  readonly stdout: Output;
  readonly stderr: Output;
  /** The text of a file of the host's, such as /proc/net/tcp, or the beginning of it; undefined when there is none. */
  readonly readText: (path: string, maxBytes?: number) => Promise<string | undefined>;
  /** When a file or folder of the host's was last changed, in milliseconds since the epoch; undefined without one. */
  readonly modifiedAt: (path: string) => Promise<number | undefined>;
  /** Starts geofence with these arguments, on its own from then on: it outlives us, the terminal and the session. */
  readonly startDetached: StartDetached;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Rejects with the signal's reason when it aborts. */
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  /** At least 0, below 1. */
  readonly random: () => number;
}

const outputOf = (stream: NodeJS.WriteStream): Output => ({
  isTTY: stream.isTTY,
  columns: stream.columns,
  write: (text) => void stream.write(text),
});

/** The real one. */
export const realSystem = (): System => ({
  run: runTool,
  pid: process.pid,
  env: process.env,
  stdin: { isTTY: process.stdin.isTTY },
  stdout: outputOf(process.stdout),
  stderr: outputOf(process.stderr),
  readText: async (path, maxBytes) =>
    (await readIfExists(path, maxBytes === undefined ? {} : { maxBytes }))?.toString('utf8'),
  modifiedAt,
  startDetached,
  now: Date.now,
  sleep: async (milliseconds, signal) =>
    await setTimeout(milliseconds, undefined, signal === undefined ? {} : { signal }),
  random: Math.random,
});
