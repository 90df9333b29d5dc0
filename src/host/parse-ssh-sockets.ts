import type { Connection } from './parse-connections.ts';
import { isLoopback, parseHexAddress } from './parse-connections.ts';
import type { SocketHolder, SocketHolders } from './socket-holders.ts';
import type { TableSocket } from './socket-table.ts';
import { socketsIn, socketStates } from './socket-table.ts';

/** Whether a process is one of an SSH server: sshd, sshd-session and sshd-auth (OpenSSH 9.8 and 10), or dropbear. */
export const isSshServer = (name: string): boolean => /^(?:sshd(?:-\w+)?|dropbear)$/.test(name);

/** A TCP connection to sshd, and the inode of its socket. */
export interface SshConnection extends Connection {
  readonly inode: string;
}

const inState = (tables: readonly string[], state: string): TableSocket[] =>
  tables.flatMap((table) => socketsIn(table, state));

/** Returns the TCP ports that anything listens on, on loopback too, out of the texts of /proc/net/tcp and tcp6. */
export const parseListeningPorts = (tables: readonly string[]): Set<number> =>
  new Set(inState(tables, socketStates.listen).map(({ localPort }) => localPort));

/**
 * Returns the ports on which SSH servers listen: `servers` tells the sockets of their processes. A port that a session
 * forwards (ssh -R) is none; one that systemd listens on for them is, while a server has a connection to it.
 */
export function parseSshPorts(tables: readonly string[], servers: SocketHolders): Set<number> {
  const served = inState(tables, socketStates.established).filter(({ inode }) => servers.has(inode));
  const connected = new Set(served.map(({ localPort }) => localPort));
  const ports = inState(tables, socketStates.listen)
    .filter(({ inode, localPort }) => servers.get(inode)?.some(isListener) ?? connected.has(localPort))
    .map(({ localPort }) => localPort);
  return new Set(ports);
}

/** "sshd: alice@pts/0" is a session; "sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups" is not. */
const isListener = ({ name, title }: SocketHolder): boolean =>
  (name === 'sshd' || name === 'dropbear') && !/^sshd: (?!.*\[listener\])/.test(title);

/**
 * Returns the established connections to local `ports`, out of the texts of /proc/net/tcp and tcp6. Those over loopback,
 * which pass no fence, are left out, and so are those that no process has accepted yet.
 */
export const parseSshConnections = (tables: readonly string[], ports: ReadonlySet<number>): SshConnection[] =>
  inState(tables, socketStates.established)
    .filter(({ localPort, inode }) => ports.has(localPort) && inode !== '0')
    .map(({ localPort, remoteAddress, inode }) => ({
      localPort,
      inode,
      peer: parseHexAddress(remoteAddress),
    }))
    .filter(({ peer }) => !isLoopback(peer));

/**
 * Whether processes that hold a connection show that nobody is logged in over it, as with most of what knocks at port
 * 22. The titles of OpenSSH until somebody is: "sshd: [accepted]", "sshd: root [net]", "sshd-auth: [session-auth]", and
 * before it writes them "sshd ... -R".
 */
export const isBeforeLogin = (holders: readonly SocketHolder[]): boolean =>
  holders.some(
    ({ name, title }) =>
      name === 'sshd-auth' ||
      (name.startsWith('sshd') && /\[(?:accepted|net|preauth|listener)\]| -R$/.test(title)),
  );
