import { tryRead } from '../errors.ts';
import type { System } from '../system/system.ts';
import type { Address } from './parse-connections.ts';
import { parseSshdPorts } from './parse-sshd-config.ts';
import type { SshConnection } from './parse-ssh-sockets.ts';
import {
  isBeforeLogin,
  isSshServer,
  parseListeningPorts,
  parseSshConnections,
  parseSshPorts,
} from './parse-ssh-sockets.ts';
import { readTcpTables } from './read-connections.ts';
import { readLogins } from './read-logins.ts';
import type { SocketHolders } from './socket-holders.ts';
import { readSocketHolders } from './socket-holders.ts';

/** What is known of SSH on this host. */
interface SshFacts {
  /** Where sshd listens, or should. */
  readonly ports: readonly number[];
  /** The other ends of sessions; each connection counts. */
  readonly peers: readonly Address[];
}

/** Where sshd listens when nothing says otherwise. */
const USUAL_PORT = 22;

/**
 * Looks for SSH servers and their sessions on the ports that `stated` (the setting), sshd_config and the sockets of
 * running servers tell, and on `more`. A connection is a session unless it shows that nobody is logged in; what cannot
 * be seen counts as one. Throws GeofenceError when a file of /proc exists but cannot be read.
 */
export async function readSsh(
  system: System,
  stated: readonly number[] | undefined,
  more: readonly number[],
): Promise<SshFacts> {
  const { tables, servers, configured } = await lookAtSsh(system);
  const known = new Set([...(stated ?? []), ...more, ...parseSshPorts(tables, servers)]);
  const ports = new Set([...(known.size === 0 ? [USUAL_PORT] : known), ...configured]);
  const sessions = await sessionsAmong(system, parseSshConnections(tables, ports), servers);
  return { ports: [...ports], peers: sessions.map(({ peer }) => peer) };
}

/** A port on which sshd should listen, but nothing does. */
export interface SilentPort {
  readonly port: number;
  /** The setting ssh_ports, or the file that says so. */
  readonly statedBy: string;
}

/**
 * Returns the ports, of `stated` (the setting) and, where an SSH server is seen on another, of sshd_config, on which
 * nothing listens. Throws GeofenceError when a file of /proc exists but cannot be read.
 */
export async function findSilentSshPorts(
  system: LookedAt,
  stated: readonly number[] = [],
): Promise<SilentPort[]> {
  const { tables, servers, configured } = await lookAtSsh(system);
  const isRunning = parseSshPorts(tables, servers).size > 0;
  const listening = parseListeningPorts(tables);
  return [
    ...stated.map((port) => ({ port, statedBy: 'ssh_ports' })),
    ...(isRunning ? configured.map((port) => ({ port, statedBy: SSHD_CONFIG })) : []),
  ].filter(({ port }) => !listening.has(port));
}

const SSHD_CONFIG = '/etc/ssh/sshd_config';

type LookedAt = Pick<System, 'readText' | 'readGenerated' | 'listFolder' | 'readLink'>;

async function lookAtSsh(
  system: LookedAt,
): Promise<{ tables: string[]; servers: SocketHolders; configured: number[] }> {
  const { readText, listFolder } = system;
  const more = (await listFolder(`${SSHD_CONFIG}.d`)).filter((name) => name.endsWith('.conf'));
  const paths = [SSHD_CONFIG, ...more.map((name) => `${SSHD_CONFIG}.d/${name}`)];
  const [tables, servers, ...texts] = await Promise.all([
    readTcpTables(system),
    readSocketHolders(system, isSshServer),
    ...paths.map(async (path) => await tryRead(readText(path))),
  ]);
  return {
    tables,
    servers,
    configured: [...new Set(texts.flatMap((text) => parseSshdPorts(text ?? '')))],
  };
}

/** Those over which somebody is logged in, or may be. */
async function sessionsAmong(
  system: System,
  connections: readonly SshConnection[],
  servers: SocketHolders,
): Promise<SshConnection[]> {
  const open = connections.filter(({ inode }) => !isBeforeLogin(servers.get(inode) ?? []));
  if (open.every(({ inode }) => servers.has(inode))) return open;
  // A server by another name, of which there is no telling; or one that we may not look at, of which the host may tell.
  const others = await readSocketHolders(system, (name) => !isSshServer(name));
  const logins = await readLogins(system);
  return open.filter(
    ({ inode, peer: { family, words } }) =>
      servers.has(inode) || others.has(inode) || (logins?.has(family.format(words, 0)) ?? true),
  );
}
