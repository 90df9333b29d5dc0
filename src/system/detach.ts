import { spawn } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { GeofenceError, messageOf } from '../errors.ts';
import { runTool } from './run.ts';
import { isSystemdRunning } from './this-program.ts';

export interface DetachedRun {
  /** A name no other has. */
  readonly id: string;
  readonly args: readonly string[];
  /** When it should have its effect; the command itself waits for what is left. */
  readonly afterSeconds: number;
}

export type StartDetached = (run: DetachedRun) => Promise<void>;

/**
 * Whether systemd can be told to act on the same firewall: it runs, and in our network
 * namespace. Out of `ip netns exec` its timer would take back a change of the host's own firewall.
 */
function isSystemdOurs(): boolean {
  if (!isSystemdRunning() || process.getuid?.() !== 0) return false;
  try {
    return readlinkSync('/proc/1/ns/net') === readlinkSync('/proc/self/ns/net');
  } catch {
    // Root of a user namespace may not look, and is told nothing by systemd either.
    return false;
  }
}

/**
 * Starts geofence with these arguments on its own, to outlive this process and its session. Where systemd runs, by a
 * transient timer: logind may kill every process of a session when it ends (KillUserProcesses). Elsewhere as a process
 * with a session of its own, which no hang-up reaches. Throws GeofenceError (CommandError when it is
 * systemd-run that fails) when it cannot.
 */
export const startDetached: StartDetached = async (run) => {
  const command = [process.execPath, process.argv[1] ?? '', ...run.args];
  if (isSystemdOurs()) {
    await runTool('systemd-run', [...systemdArgs(run), ...command]);
    return;
  }
  const [file = '', ...args] = command;
  const child = spawn(file, args, { detached: true, stdio: 'ignore' });
  await new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => {
      reject(new GeofenceError(`Cannot start "${file}": ${messageOf(error)}`, { cause: error }));
    });
  });
  child.unref();
};

/** Returns the arguments of systemd-run for a detached run, up to the "--" before its command. */
export const systemdArgs = ({ id, afterSeconds }: DetachedRun): string[] => [
  '--quiet',
  '--collect',
  `--unit=geofence-rollback-${id}`,
  `--on-active=${afterSeconds}s`,
  '--timer-property=AccuracySec=1s',
  '--',
];
