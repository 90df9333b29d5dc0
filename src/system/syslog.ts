import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import type { Run } from './run.ts';

/** Where a syslog daemon or systemd's journal listens (syslog(3)). */
const SOCKET = '/dev/log';

/**
 * Hands a line to the log of the system, under facility authpriv as sudo does. Does nothing where no log listens, or in
 * a sandbox, whose firewall is nobody else's. Throws GeofenceError where logger(1) fails.
 */
export async function tellSyslog(run: Run, text: string): Promise<void> {
  if (!existsSync(SOCKET) || !isOfThisSystem()) return;
  await run('logger', ['-t', `geofence[${process.pid}]`, '-p', 'authpriv.notice', '--', text]);
}

/**
 * A user namespace of one user is a sandbox of theirs, unless the first process is in it, too. In a confined unit that
 * one cannot be seen (ProtectProc= in systemd.exec(5)), but there every user is (user_namespaces(7)).
 */
const isOfThisSystem = (): boolean => hasManyUsers() || isOfFirstProcess();

const hasManyUsers = (): boolean =>
  readFileSync('/proc/self/uid_map', 'utf8')
    .trim()
    .split('\n')
    .some((line) => Number(line.trim().split(/\s+/)[2]) > 1);

const isOfFirstProcess = (): boolean => {
  try {
    return readlinkSync('/proc/self/ns/user') === readlinkSync('/proc/1/ns/user');
  } catch {
    // Nobody may look at the first process of another user namespace (ptrace(2), access modes).
    return false;
  }
};
