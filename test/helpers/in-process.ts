import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { main } from '../../src/cli/main.ts';
import type { Run } from '../../src/system/run.ts';
import type { System } from '../../src/system/system.ts';
import { stateDirOf } from './cli.ts';

export interface CommandOutcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface InProcessOptions {
  /** The kernel: a namespace's, or a fake one's. */
  readonly run: Run;
  readonly env: Readonly<Record<string, string>>;
  readonly now?: () => number;
  readonly isTTY?: boolean;
  readonly signal?: AbortSignal;
  /** Whether the kernel has it. */
  readonly hasIPv6?: boolean;
  /** Standard input, chunk by chunk. */
  readonly input?: readonly string[];
  /** The addresses of the only hosts there are. */
  readonly hosts?: Readonly<Record<string, readonly string[]>>;
  /**
   * Files of the host's that the command looks at, by path. A number is when an empty one was last changed; a link is a
   * file that holds where it leads to.
   */
  readonly files?: Readonly<Record<string, string | number>>;
  /** In place of a process that goes on by itself. */
  readonly startDetached?: () => Promise<void>;
  /** Stands in for a command that somebody wants run. */
  readonly runCommand?: (command: readonly string[]) => Promise<number>;
}

/** Rests between attempts are seconds for servers, and nothing for tests. */
const HURRY = 50;

/** The names in a folder, by the paths of all files. */
export const namesIn = (folder: string, paths: readonly string[]): string[] => [
  ...new Set(
    paths
      .filter((path) => path.startsWith(`${folder}/`))
      .map((path) => path.slice(folder.length + 1).split('/')[0]!),
  ),
];

/**
 * Runs a command line in this process: the network is this process's, where the test has its zone server, and the
 * kernel is the one of `run`.
 */
export async function runInProcess(
  args: readonly string[],
  {
    run,
    env,
    now = Date.now,
    isTTY = false,
    signal = new AbortController().signal,
    hasIPv6 = true,
    input = [],
    hosts = {},
    files = {},
    startDetached = () => Promise.reject(new Error('not in this process')),
    runCommand = () => Promise.reject(new Error('not in this process')),
  }: InProcessOptions,
): Promise<CommandOutcome> {
  const host: Readonly<Record<string, string | number>> = {
    ...(hasIPv6 ? { '/proc/net/if_inet6': '' } : {}),
    ...files,
  };
  let [stdout, stderr] = ['', ''];
  const system: System = {
    run,
    requireTool: () => Promise.resolve(),
    pid: 1,
    isRoot: true,
    env: { GEOFENCE_STATE_DIR: stateDirOf(env), ...env },
    stdin: { isTTY, bytes: () => Readable.from(input.map((chunk) => Buffer.from(chunk))) },
    stdout: {
      isTTY,
      write: (text) => void (stdout += text),
      writeBytes: (bytes) => {
        stdout += Buffer.from(bytes).toString();
        return Promise.resolve(true);
      },
    },
    stderr: { isTTY, write: (text) => void (stderr += text) },
    openDialog: () => Promise.reject(new Error('nobody is there')),
    readText: (path) => Promise.resolve(host[path]?.toString()),
    readGenerated: (path, maxBytes) => Promise.resolve(host[path]?.toString().slice(0, maxBytes)),
    listFolder: (path) => Promise.resolve(namesIn(path, Object.keys(host))),
    readLink: (path) => Promise.resolve(host[path]?.toString()),
    modifiedAt: (path) => Promise.resolve(typeof host[path] === 'string' ? 0 : host[path]),
    resolveHost: (name) => {
      const addresses = hosts[name];
      return addresses === undefined
        ? Promise.reject(new Error('no such host'))
        : Promise.resolve([...addresses]);
    },
    kernelFolder: join(dirname(stateDirOf(env)), '..', 'run', 'kernel'),
    startDetached,
    runCommand: (command) => runCommand(command),
    tellSyslog: () => Promise.resolve(),
    now,
    sleep: async (milliseconds, signalOfSleep) =>
      await setTimeout(
        milliseconds / HURRY,
        undefined,
        signalOfSleep === undefined ? {} : { signal: signalOfSleep },
      ),
    // Rests at their shortest: with the longest a second is too short for three attempts.
    random: () => 0,
  };
  const exitCode = await main(args, system, {
    version: '0.0.0',
    defaultCacheDir: '/nonexistent/cache',
    signal,
  });
  return { exitCode, stdout, stderr };
}
