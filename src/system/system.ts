import type { Run } from './run.ts';

/** A stream for people or for the next command in a pipe. */
export interface Output {
  readonly isTTY: boolean;
  write(text: string): void;
}

/** Everything geofence may ask of the world outside, so that tests can stand in for any of it. */
export interface System {
  readonly run: Run;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: { readonly isTTY: boolean };
  readonly stdout: Output;
  readonly stderr: Output;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** At least 0, below 1. */
  readonly random: () => number;
}
