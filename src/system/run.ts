import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { Readable, pipeline } from 'node:stream';
import { GeofenceError, codeOf, exitCodes } from '../errors.ts';
import type { ChunkedText } from '../words/chunked-text.ts';
import { fileError } from './files.ts';
import { printableMessage } from '../words/printable.ts';

/** A finished command: what it printed. */
export interface CommandResult {
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface RunOptions {
  /** What the command reads on its standard input. */
  readonly input?: string | ChunkedText;
  /** Is given what the command prints while it prints it, in place of the result. */
  readonly onOutput?: (chunk: Buffer) => void;
}

/** Runs a program without a shell; rejects with a CommandError unless it exits with 0. */
export type Run = (tool: string, args: readonly string[], options?: RunOptions) => Promise<CommandResult>;

/** A tool ran and failed. Its own words are kept: they say more than ours can. */
export class CommandError extends GeofenceError {
  override readonly name = 'CommandError';
  readonly command: readonly string[];
  readonly status: number | undefined;
  readonly stderr: string;

  constructor(command: readonly string[], result: { status?: number | undefined; stderr: string }) {
    const words = printableMessage(result.stderr.trim().replaceAll(/\s*\n\s*/g, '; '));
    const outcome =
      result.status === undefined ? 'it was killed, or took too long' : `exit code ${result.status}`;
    super(`${command.join(' ')} failed: ${words === '' ? outcome : words}`);
    this.command = command;
    this.status = result.status;
    this.stderr = result.stderr;
  }
}

/** Where administrators' tools live. cron's PATH lacks the sbin folders, and a PATH is not to be trusted by root. */
const searchList = ['/usr/sbin', '/sbin', '/usr/bin', '/bin', '/usr/local/sbin', '/usr/local/bin'];

/** The Debian packages of the tools we run; other distributions name them alike. */
const packageOf = (tool: string): string => (tool === 'ipset' ? 'ipset' : 'iptables');

/**
 * Returns the path of a tool; throws GeofenceError, with how to install it, when it is in none of the folders for
 * tools. Synchronous: the tools are started before whatever else there is to do meanwhile.
 */
export function findTool(tool: string): string {
  for (const folder of searchList) {
    const path = `${folder}/${tool}`;
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // The next one, then.
    }
  }
  throw new GeofenceError(`Cannot find "${tool}": not in ${searchList.join(', ')}`, {
    exitCode: exitCodes.failed,
    hint: `install it with "apt-get install ${packageOf(tool)}" (or the like of your distribution)`,
  });
}

/** A tool that waits for a lock gives up after 30 seconds; nothing else takes so long. */
const LONGEST_MILLISECONDS = 120_000;

/** How long a tool that is to end may take for it before it is killed. */
const GRACE_MILLISECONDS = 2000;

/** What a tool says is read from its start; it may say the same of 90,000 lines. */
const MAX_ERROR_BYTES = 256 * 1024;

/** A tool that stops at a bad line closes its input early; what it printed says why, these do not. */
const stoppedReading = new Set(['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE']);

/**
 * Ends a tool and whatever it started in its session; one that ignores SIGTERM is killed, and what it left holding its
 * pipes is not waited for.
 */
function end(child: ChildProcess): void {
  const send = (signal: 'SIGTERM' | 'SIGKILL'): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, signal);
    } catch {
      // It has ended meanwhile.
    }
  };
  send('SIGTERM');
  const timer = setTimeout(() => {
    send('SIGKILL');
    child.stdout?.destroy();
    child.stderr?.destroy();
  }, GRACE_MILLISECONDS);
  child.on('close', () => clearTimeout(timer));
}

/**
 * Returns what runs a tool, in a session of its own, for at most so many milliseconds. The environment of the child is
 * made here: LC_ALL=C because messages are read, and of ours only the lock file of iptables-legacy, which an
 * unprivileged namespace must set. Throws CommandError when it fails, GeofenceError when it is not there or cannot be
 * started, and what `onOutput` throws.
 */
export const runToolWithin =
  (longest: number): Run =>
  async (tool, args, options = {}) => {
    const path = findTool(tool);
    const lock = process.env['XTABLES_LOCKFILE'];
    const env = {
      LC_ALL: 'C',
      PATH: searchList.join(':'),
      ...(lock === undefined ? {} : { XTABLES_LOCKFILE: lock }),
    };
    return await new Promise((resolve, reject) => {
      // In a session of its own: Ctrl-C is for us, who finish or undo; a tool that dies half-way helps nobody.
      const child = spawn(path, args, {
        env,
        stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
        detached: true,
      });
      const timer = setTimeout(() => end(child), longest);
      const stdout: Buffer[] = [];
      const stderr: Buffer[] = [];
      const { input, onOutput = (chunk: Buffer) => void stdout.push(chunk) } = options;
      let failure: { readonly error: unknown } | undefined;
      /** What goes wrong on our side; told when the tool has ended. */
      const fail = (error: unknown): void => {
        if (failure === undefined) end(child);
        failure ??= { error };
      };
      child.stdout?.on('data', (chunk: Buffer) => {
        try {
          onOutput(chunk);
        } catch (error) {
          fail(error);
        }
      });
      let errorBytes = 0;
      child.stderr?.on('data', (chunk: Buffer) => {
        if (errorBytes < MAX_ERROR_BYTES) stderr.push(chunk);
        errorBytes += chunk.length;
      });
      child.on('error', (error) => {
        clearTimeout(timer);
        reject(fileError('run', tool, error));
      });
      child.on('close', (status) => {
        clearTimeout(timer);
        const result = { stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString('utf8') };
        if (failure !== undefined) reject(failure.error);
        else if (status === 0) resolve(result);
        else
          reject(new CommandError([tool, ...args], { status: status ?? undefined, stderr: result.stderr }));
      });
      // Without a stdin it was not started: for want of files, say.
      if (input === undefined || !child.stdin) return;
      pipeline(Readable.from(input), child.stdin, (error) => {
        if (error !== undefined && error !== null && !stoppedReading.has(codeOf(error) ?? '')) fail(error);
      });
    });
  };

/** Runs a tool for at most two minutes; see runToolWithin(). */
export const runTool: Run = runToolWithin(LONGEST_MILLISECONDS);
