import { printableMessage } from '../words/printable.ts';
import type { Output } from './system.ts';

/** What is told while a command works: on stderr, for stdout is for its answer. */
export interface Log {
  /** A line that must be seen, also under cron. */
  readonly warn: (text: string) => void;
  /** A line for somebody who watches. */
  readonly info: (text: string) => void;
  /** What is being done, on a terminal only: takes the place of the one before, and is gone once there is more to say. */
  readonly progress: (text: string | (() => string)) => void;
}

interface LogOptions {
  readonly isQuiet: boolean;
  readonly isVerbose: boolean;
}

/** ECMA-48: back to the start of the line, and erase it. */
const ERASE_LINE = '\r\u001B[K';
/** Of a terminal that does not tell. */
const FALLBACK_COLUMNS = 80;

/**
 * Returns a log on `stderr`: warnings always, `info` with --verbose or while a terminal shows it, `progress` on a
 * terminal only; the last two not with --quiet, `info` unless it is verbose too.
 */
export function createLog(stderr: Output, { isQuiet, isVerbose }: LogOptions): Log {
  const isWatched = (): boolean => !isQuiet && stderr.isTTY;
  let isShowing = false;
  const clear = (): void => {
    if (isShowing) stderr.write(ERASE_LINE);
    isShowing = false;
  };
  const say = (text: string): void => {
    clear();
    stderr.write(`${printableMessage(text)}\n`);
  };
  return {
    warn: (text) => say(`geofence: warning: ${text}`),
    info: (text) => (isVerbose || isWatched() ? say(text) : undefined),
    progress: (text) => {
      clear();
      if (text === '' || !isWatched()) return;
      const line = printableMessage(typeof text === 'string' ? text : text());
      // A line that wraps could not be erased.
      stderr.write(line.slice(0, (stderr.columns ?? FALLBACK_COLUMNS) - 1));
      isShowing = true;
    },
  };
}

/**
 * Returns a `warn` that says each text once, and not those of `told`: the configuration may be settled several times in
 * a run, with the same to say each time.
 */
export function onceEach(warn: Log['warn'], told: readonly string[]): Log['warn'] {
  const before = new Set(told);
  return (text) => {
    if (!before.has(text)) warn(text);
    before.add(text);
  };
}
