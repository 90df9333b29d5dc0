import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { GeofenceError, codeOf, messageOf } from '../errors.ts';

/** Runs a command of somebody's, and returns its exit code; of one that a signal ended, as a shell does, 128 and more. */
export type RunCommand = (command: readonly string[], signal: AbortSignal) => Promise<number>;

/**
 * Runs it with our own input and output. When the signal aborts it is told to end, and its end is waited for. Throws
 * GeofenceError when it cannot be started.
 */
export const runCommand: RunCommand = async ([file = '', ...args], signal) => {
  const child = spawn(file, args, { stdio: 'inherit' });
  const stop = (): void => void child.kill('SIGTERM');
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop);
  try {
    const [code, name] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    return code ?? 128 + (name === null ? 0 : constants.signals[name]);
  } catch (error) {
    const reason = codeOf(error) === 'ENOENT' ? 'there is no such command' : messageOf(error);
    throw new GeofenceError(`Cannot run ${file}: ${reason}`, { cause: error });
  } finally {
    signal.removeEventListener('abort', stop);
  }
};
