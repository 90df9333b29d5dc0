import { contains } from '../ip/bounds.ts';
import { ipv6 } from '../ip/family.ts';
import type { System } from '../system/system.ts';
import { localBounds } from '../zones/local.ts';
import type { Address } from './parse-connections.ts';
import { parseOwnAddresses } from './parse-networks.ts';
import { readSsh } from './read-ssh.ts';
import { findThisSession } from './this-session.ts';

/** The other end of an SSH session. */
export interface SshPeer extends Address {
  /** Whether geofence was started in that session. */
  readonly isMine: boolean;
}

/** What guards need to know of this host. */
export interface HostFacts {
  /** Of the SSH session geofence runs in, and of all that are open. */
  readonly sshPeers: readonly SshPeer[];
  /** The ports of sshd: its sessions must be able to come in again through each of them. */
  readonly sshPorts: readonly number[];
  /** An IPv6 address that this host can be reached at from elsewhere. */
  readonly globalIPv6: string | undefined;
}

/**
 * Looks at this host for the guards: who is logged in by SSH, on the port of this session, on those that sshd listens
 * on, and on `statedPorts`; and whether it has a global IPv6 address. Throws GeofenceError when a file of /proc exists
 * but cannot be read.
 */
export async function readHostFacts(
  system: System,
  statedPorts: readonly number[] | undefined,
): Promise<HostFacts> {
  const session = await findThisSession(system);
  const own = session === undefined ? [] : [session];
  const { ports, peers } = await readSsh(
    system,
    statedPorts,
    own.map(({ port }) => port),
  );
  return {
    sshPeers: [
      ...own.map(({ peer }) => ({ ...peer, isMine: true })),
      ...peers.map((peer) => ({ ...peer, isMine: false })),
    ],
    sshPorts: ports,
    globalIPv6: await findGlobalIPv6(system),
  };
}

/** Returns an IPv6 address that this host can be reached at from elsewhere; undefined when it has none. */
export async function findGlobalIPv6({ readText }: Pick<System, 'readText'>): Promise<string | undefined> {
  const local = localBounds(ipv6);
  const own = parseOwnAddresses((await readText('/proc/net/if_inet6')) ?? '');
  const found = own.find((words) => !contains(local, words));
  return found === undefined ? undefined : ipv6.format(found, 0);
}
