import type { Family } from '../ip/family.ts';
import type { System } from '../system/system.ts';
import { readForwarding } from './forwarding.ts';
import { parseOpen } from './parse-connections.ts';
import { readTcpTables } from './read-connections.ts';

/** What goes on at this host, whoever began it. */
export interface OpenConnections {
  /** Of its own, over TCP, as connectionKey() names them. */
  readonly connections: ReadonlyMap<Family, readonly string[]>;
  /** The families in which there may be others, of machines behind. */
  readonly forwarded: readonly Family[];
}

/**
 * Returns the open TCP connections of this host, and which families it forwards. Throws GeofenceError when
 * /proc/net/tcp or tcp6 exists but cannot be read.
 */
export const openConnections = async (
  system: Pick<System, 'readText' | 'readGenerated'>,
): Promise<OpenConnections> => ({
  connections: parseOpen(await readTcpTables(system)),
  forwarded: await readForwarding(system),
});
