import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { codeOf } from '../errors.ts';

/** A process that holds the lock, told so exactly that another process can see whether it still lives. */
export interface LockOwner {
  readonly pid: number;
  /** When it started, in clock ticks since boot: process ids are used again. */
  readonly started: string | undefined;
  readonly host: string;
  readonly boot: string;
  /** In another PID namespace (a container) our view of its process id means nothing. */
  readonly pidNamespace: string;
}

/** Describes this process. Throws a system error where /proc cannot be read. */
export const describeSelf = async (): Promise<LockOwner> => ({
  pid: process.pid,
  started: await startOf(process.pid),
  host: hostname(),
  boot: await readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
  pidNamespace: await readlink('/proc/self/ns/pid'),
});

/**
 * Whether it is certain that the process `holder` has ended, as seen from the process `self`; false in doubt, as for
 * one on another host or in another container.
 */
export async function isGone(holder: LockOwner, self: LockOwner): Promise<boolean> {
  if (holder.host !== self.host) return false;
  if (holder.boot !== self.boot) return true;
  if (holder.pidNamespace !== self.pidNamespace) return false;
  if (!exists(holder.pid)) return true;
  const started = await startOf(holder.pid);
  return started !== undefined && started !== holder.started;
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) !== 'ESRCH';
  }
}

/**
 * Field 22 of /proc/PID/stat (proc(5)); the second, the command in parentheses, may hold spaces. A process that was
 * killed and that nobody waits for (state Z) has no start any more.
 */
async function startOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  const [state, ...fields] = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? [];
  return state === 'Z' ? ENDED : fields[18];
}

const ENDED = 'ended';
