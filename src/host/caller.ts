import { tryRead } from '../errors.ts';
import type { System } from '../system/system.ts';

/** What the kernel says of a process that nobody's login led to. */
const NOBODY = 2 ** 32 - 1;

/** How programs that lend a privilege name the user who asked for it. */
const lenders = ['SUDO_USER', 'DOAS_USER'];

/**
 * Tells who started this process: the user whom sudo or doas names, else the systemd unit it belongs to (cgroups(7)),
 * else the user who logged in (proc_pid_loginuid(5)), else "root" or "a user without privileges". What cannot be read tells nothing.
 */
export async function readCaller({
  env,
  readText,
  isRoot,
}: Pick<System, 'env' | 'readText' | 'isRoot'>): Promise<string> {
  const read = async (path: string): Promise<string> => (await tryRead(readText(path))) ?? '';
  const lent = lenders.map((name) => env[name]).find((name) => name !== undefined && name !== '');
  if (lent !== undefined) return lent;
  const unit = unitIn(await read('/proc/self/cgroup'));
  if (unit !== undefined) return unit;
  const uid = (await read('/proc/self/loginuid')).trim();
  if (uid !== '' && Number(uid) !== NOBODY) return userIn(await read('/etc/passwd'), uid) ?? `user ${uid}`;
  return isRoot ? 'root' : 'a user without privileges';
}

/** "0::/system.slice/cron.service": the innermost service; a session of somebody's is a scope, and belongs to none. */
const unitIn = (cgroups: string): string | undefined =>
  /^\d+:(?:name=systemd)?:.*\/(?!user@)([^/\n]+\.service)$/m.exec(cgroups)?.[1];

const userIn = (passwd: string, uid: string): string | undefined =>
  passwd
    .split('\n')
    .map((line) => line.split(':'))
    .find(([, , id]) => id === uid)?.[0];
