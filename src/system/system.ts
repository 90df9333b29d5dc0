import type { StartDetached } from './detach.ts';
import type { Dialog } from './dialog.ts';
import { kernelFolder } from './kernel-folder.ts';
import type { Run } from './run.ts';
import type { RunCommand } from './run-command.ts';
import { tellSyslog } from './syslog.ts';

/** A stream for people or for the next command in a pipe. */
export interface Output {
  readonly isTTY: boolean;
  /** How wide the terminal is. */
  readonly columns?: number | undefined;
  readonly write: (text: string) => void;
}

/** Where much may come from. */
interface Input {
  readonly isTTY: boolean;
  /** What comes, in chunks, until it ends or the signal aborts. */
  readonly bytes: (signal: AbortSignal) => AsyncIterable<Uint8Array>;
}

/** Where much may go. */
interface BulkOutput extends Output {
  /** Writes, and waits until there is room for more; false when nobody reads any more (`| head`). Rejects on a full disk. */
  readonly writeBytes: (bytes: Uint8Array) => Promise<boolean>;
}

/** Everything geofence may ask of the world outside, so that tests can stand in for any of it. */
export interface System {
  readonly run: Run;
  /** Throws when a tool is not there. */
  readonly requireTool: (tool: string) => Promise<void>;
  /** Of this process. */
  readonly pid: number;
  /** Whether everything should be allowed. */
  readonly isRoot: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: Input;
  readonly stdout: BulkOutput;
  readonly stderr: Output;
  /**
   * The text of a file of the host's, such as /proc/net/route; undefined when there is none. Throws GeofenceError when
   * it cannot be read.
   */
  readonly readText: (path: string) => Promise<string | undefined>;
  /**
   * The text of a file that the kernel takes its time to make, or of no more than its first `maxBytes`; meanwhile other
   * work goes on. Undefined when there is none; throws GeofenceError when it cannot be read.
   */
  readonly readGenerated: (path: string, maxBytes?: number) => Promise<string | undefined>;
  /** The names in a folder of the host's; none when it is not there or may not be looked into. */
  readonly listFolder: (path: string) => Promise<readonly string[]>;
  /** Where a symbolic link of the host's leads to, as it stands there; undefined when it cannot be read. */
  readonly readLink: (path: string) => Promise<string | undefined>;
  /** When a file or folder of the host's was last changed, in milliseconds since the epoch; undefined without one. */
  readonly modifiedAt: (path: string) => Promise<number | undefined>;
  /** Begins a conversation with whoever is at the terminal; to be closed, or we would wait for more. */
  readonly openDialog: () => Promise<Dialog>;
  /** All addresses of a host name; rejects when it has none. */
  readonly resolveHost: (name: string) => Promise<string[]>;
  /** Starts geofence with these arguments, on its own from then on: it outlives us, the terminal and the session. */
  readonly startDetached: StartDetached;
  /** Runs a command of somebody's in our place, with our input and output; returns its exit code. */
  readonly runCommand: RunCommand;
  /** Hands a line to the log of the system, where there is one; throws GeofenceError when that fails. */
  readonly tellSyslog: (text: string) => Promise<void>;
  /** The folder of the lock that whoever changes the firewall of this network namespace holds; it need not exist. */
  readonly kernelFolder: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Rejects with the signal's reason when it aborts. */
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  /** At least 0, below 1. */
  readonly random: () => number;
}

const used = new Set<NodeJS.WriteStream>();

/** Node loads what a stream needs only now: 3 ms for a pipe to which nobody may write. */
const streamOf = (name: 'stdout' | 'stderr') => (): NodeJS.WriteStream => {
  const stream = process[name];
  // The reader of a pipe has seen enough (`| head`), or the terminal is gone: no reason to stop half-way.
  if (!used.has(stream)) stream.on('error', () => {});
  used.add(stream);
  return stream;
};

/**
 * Ends the process. What Node would take apart piece by piece, 10 ms of a short run, the kernel takes back at once; but
 * not before a slow reader has had everything.
 */
export function exit(code: number): void {
  process.exitCode = code;
  if ([...used].every(({ writableLength }) => writableLength === 0)) process.exit();
}

const stdout = streamOf('stdout');

const isTerminal = (file: number): boolean => process.getBuiltinModule('node:tty').isatty(file);

const outputOf = (file: number, stream: () => NodeJS.WriteStream): Output => ({
  get isTTY() {
    return isTerminal(file);
  },
  get columns() {
    return stream().columns;
  },
  write: (text) => void stream().write(text),
});

const stderr = outputOf(2, streamOf('stderr'));

/** The System of the running process. */
export const realSystem = (): System => ({
  // Loaded with what they need of Node when they are first called: not every command calls them.
  run: async (...args) => await (await import('./run.ts')).runTool(...args),
  requireTool: async (tool) => void (await import('./run.ts')).findTool(tool),
  pid: process.pid,
  isRoot: process.geteuid?.() === 0,
  env: process.env,
  stdin: {
    get isTTY() {
      return isTerminal(0);
    },
    bytes: (signal) =>
      process
        .getBuiltinModule('node:stream')
        .addAbortSignal(signal, process.stdin) as AsyncIterable<Uint8Array>,
  },
  stdout: Object.assign(outputOf(1, stdout), {
    writeBytes: async (bytes: Uint8Array) =>
      await (await import('./write-bytes.ts')).writeBytes(stdout(), bytes),
  }),
  stderr,
  openDialog: async () => (await import('./dialog.ts')).openDialog(stderr.write),
  readText: async (path) => await (await import('./files.ts')).readText(path),
  readGenerated: async (path, maxBytes) => await (await import('./files.ts')).readGenerated(path, maxBytes),
  listFolder: async (path) => (await import('./files.ts')).listFolder(path),
  readLink: async (path) => (await import('./files.ts')).readLink(path),
  modifiedAt: async (path) => await (await import('./files.ts')).modifiedAt(path),
  resolveHost: async (name) => await (await import('./resolve-host.ts')).resolveHost(name),
  runCommand: async (...args) => await (await import('./run-command.ts')).runCommand(...args),
  startDetached: async (...args) => await (await import('./detach.ts')).startDetached(...args),
  // With what was loaded for the change: after an uninstallation no other part of the program can be.
  tellSyslog: async (text) => await tellSyslog((await import('./run.ts')).runTool, text),
  get kernelFolder() {
    return kernelFolder();
  },
  now: Date.now,
  sleep: async (milliseconds, signal) =>
    await process
      .getBuiltinModule('node:timers/promises')
      .setTimeout(milliseconds, undefined, signal === undefined ? {} : { signal }),
  random: Math.random,
});
