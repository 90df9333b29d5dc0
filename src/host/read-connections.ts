import type { System } from '../system/system.ts';
import type { Connection } from './parse-connections.ts';
import { isLoopback, parseInbound } from './parse-connections.ts';

/**
 * Returns the TCP connections that others opened to this host, to any port; those over loopback, which pass no fence,
 * are left out. Throws GeofenceError when /proc/net/tcp or tcp6 exists but cannot be read.
 */
export const inboundConnections = async (system: System): Promise<Connection[]> =>
  parseInbound(await readTcpTables(system)).filter(({ peer }) => !isLoopback(peer));

/**
 * Returns the texts of /proc/net/tcp and tcp6, empty where there is none. Throws GeofenceError when one exists but
 * cannot be read.
 */
export const readTcpTables = async ({ readGenerated }: Pick<System, 'readGenerated'>): Promise<string[]> =>
  await Promise.all(['tcp', 'tcp6'].map(async (name) => (await readGenerated(`/proc/net/${name}`)) ?? ''));
