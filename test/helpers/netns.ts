import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Run } from '../../src/system/run.ts';
import { CommandError } from '../../src/system/run.ts';

/**
 * A network namespace of a user namespace of our own: the machine's own firewall is out of reach in it, and so is its
 * /run, where locks are.
 */
export interface Namespace {
  /** The process that keeps it alive. */
  readonly pid: number;
  /** Runs a program inside, with an environment of its own. */
  readonly run: Run;
  /** Starts a program inside, which is ended after half a minute unless it is given longer. */
  readonly start: (
    program: string,
    args: readonly string[],
    longestSeconds?: number,
  ) => ChildProcessWithoutNullStreams;
  /** Runs it to its end, whatever that is. */
  readonly finish: (program: string, args: readonly string[]) => Promise<Finished>;
  readonly close: () => Promise<void>;
}

export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const path = '/usr/sbin:/sbin:/usr/bin:/bin:/usr/local/sbin:/usr/local/bin';
/** Far above what anything here takes: a test that hangs should say where. */
const LONGEST_SECONDS = 30;

/** Its input is a pipe from us: it ends when we do, whichever way. */
const holder = [
  'sh',
  '-c',
  'ip link set lo up && mount -t tmpfs tmpfs /run && echo ready && exec cat >/dev/null',
];

/** Makes a namespace, by root or by anybody; one with a `parent` shares the parent's user namespace. */
export async function createNamespace(parent?: Namespace): Promise<Namespace> {
  const folder = await mkdtemp(join(tmpdir(), 'geofence-netns-'));
  const env = {
    LC_ALL: 'C',
    PATH: path,
    XTABLES_LOCKFILE: join(folder, 'xtables.lock'),
    // What geofence remembers of a kernel goes with the kernel, and never into the folder of this machine.
    GEOFENCE_STATE_DIR: join(folder, 'state'),
  };
  const command =
    parent === undefined
      ? ['unshare', '--map-root-user', '--net', '--mount', ...holder]
      : ['nsenter', ...entryArgs(parent.pid), 'unshare', '--net', '--mount', ...holder];
  const [file = '', ...args] = command;
  const child = spawn(file, args, { env });
  const close = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await isReady(child, command);
  } catch (error) {
    await close();
    throw error;
  }
  const { pid } = child;
  if (pid === undefined) throw new Error('a process that printed something has an id');
  const start: Namespace['start'] = (program, programArgs, longestSeconds = LONGEST_SECONDS) =>
    spawn('nsenter', [...entryArgs(pid), program, ...programArgs], { env, timeout: longestSeconds * 1000 });
  return { pid, start, run: runIn(start), finish: finishIn(start), close };
}

const entryArgs = (pid: number): string[] => [
  '-t',
  String(pid),
  '-U',
  '-n',
  '-m',
  '--preserve-credentials',
  '--',
];

async function isReady(child: ChildProcessWithoutNullStreams, command: readonly string[]): Promise<void> {
  child.on('error', () => {});
  child.stdin.on('error', () => {});
  const failed = text(child.stderr);
  const first = once(child.stdout, 'data').catch(() => {});
  await Promise.race([first, once(child, 'close')]);
  if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) return;
  throw new CommandError(command.slice(0, command.indexOf('sh')), { status: 1, stderr: await failed });
}

const finishIn =
  (start: Namespace['start']): Namespace['finish'] =>
  async (program, args) => {
    const child = start(program, args);
    child.stdin.end();
    const [stdout, stderr] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close'),
    ]);
    return { status: child.exitCode, stdout, stderr };
  };

/** Like the real Run (src/system/run.ts), but inside. */
const runIn =
  (start: Namespace['start']): Run =>
  async (tool, args, options = {}) => {
    const child = start(tool, args);
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', options.onOutput ?? ((chunk: Buffer) => stdout.push(chunk)));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    // A tool that stops at a bad line closes its input early.
    child.stdin.on('error', () => {});
    child.stdin.end(String(options.input ?? ''));
    await once(child, 'close');
    const result = { stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString('utf8') };
    if (child.exitCode === 0) return result;
    throw new CommandError([tool, ...args], { status: child.exitCode ?? undefined, stderr: result.stderr });
  };
