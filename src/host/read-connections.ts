import { tryRead } from '../errors.ts';
import { contains } from '../ip/bounds.ts';
import { familyOf, parseAddress } from '../ip/cidr.ts';
import { ipv6 } from '../ip/family.ts';
import type { Address, Connection } from './parse-connections.ts';
import { isLoopback, parseInbound, parsePeers } from './parse-connections.ts';
import { parseOwnAddresses } from './parse-networks.ts';
import type { System } from '../system/system.ts';
import { localBounds } from '../zones/local.ts';

interface Session {
  readonly peer: Address;
  /** Of sshd. */
  readonly port: number;
}

/** What guards need to know of this host. */
export interface HostFacts {
  /** The other ends of SSH sessions: of the one geofence runs in, and of all that are open. */
  readonly sshPeers: readonly Address[];
  /** The ports of sshd: its sessions must be able to come in again through each of them. */
  readonly sshPorts: readonly number[];
  /** An IPv6 address that this host can be reached at from elsewhere. */
  readonly globalIPv6: string | undefined;
}

/**
 * Looks at this host for the guards: who is logged in by SSH on `sshPorts` or on the port of this session, and whether
 * it has a global IPv6 address. Throws GeofenceError when a file of /proc exists but cannot be read.
 */
export async function readHostFacts(system: System, sshPorts: readonly number[]): Promise<HostFacts> {
  const session = await findSession(system);
  const ports = new Set([...sshPorts, ...(session === undefined ? [] : [session.port])]);
  const tables = await readTcpTables(system);
  return {
    sshPeers: [
      ...(session === undefined ? [] : [session.peer]),
      ...tables.flatMap((table) => parsePeers(table, ports)),
    ],
    sshPorts: [...ports],
    globalIPv6: findGlobal((await system.readText('/proc/net/if_inet6')) ?? ''),
  };
}

/**
 * Returns the SSH session that this program was started in, by SSH_CONNECTION of its environment or of an ancestor's
 * (sudo takes it away); undefined outside of any.
 */
export const findSession = async (system: System): Promise<Session | undefined> =>
  parseSshConnection(system.env['SSH_CONNECTION'] ?? (await findInAncestors(system)));

/**
 * Returns the TCP connections that others opened to this host, to any port; those over loopback, which pass no fence,
 * are left out. Throws GeofenceError when /proc/net/tcp or tcp6 exists but cannot be read.
 */
export const inboundConnections = async (system: System): Promise<Connection[]> =>
  parseInbound(await readTcpTables(system)).filter(({ peer }) => !isLoopback(peer));

const readTcpTables = async ({ readGenerated }: System): Promise<string[]> =>
  await Promise.all(['tcp', 'tcp6'].map(async (name) => (await readGenerated(`/proc/net/${name}`)) ?? ''));

/** sudo takes SSH_CONNECTION away; the shell it was typed in still has it. */
async function findInAncestors({ readText, pid }: System): Promise<string | undefined> {
  let ancestor = pid;
  for (let generation = 0; generation < 32 && ancestor > 1; generation++) {
    // Field 4 of /proc/PID/stat (proc(5)); the second, the command in parentheses, may hold spaces.
    const stat = (await readText(`/proc/${ancestor}/stat`)) ?? '';
    ancestor = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? 0);
    const environment = await tryRead(readText(`/proc/${ancestor}/environ`));
    const found = /(?:^|\0)SSH_CONNECTION=([^\0]*)/.exec(environment ?? '')?.[1];
    if (found !== undefined) return found;
  }
  return undefined;
}

/** "192.0.2.7 50022 198.51.100.1 22": peer, its port, own address, own port; a link-local peer has a zone id. */
function parseSshConnection(value: string | undefined): Session | undefined {
  const [zoned = '', , , port] = (value ?? '').split(' ');
  const [text = ''] = zoned.split('%');
  const family = familyOf(text);
  const words = parseAddress(family, text);
  return words === undefined ? undefined : { peer: { family, words }, port: Number(port) };
}

function findGlobal(table: string): string | undefined {
  const local = localBounds(ipv6);
  const found = parseOwnAddresses(table).find((words) => !contains(local, words));
  return found === undefined ? undefined : ipv6.format(found, 0);
}
