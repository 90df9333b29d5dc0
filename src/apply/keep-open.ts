import type { DesiredState, State } from '../firewall/model.ts';
import { openConnections } from '../host/open-connections.ts';
import { comingUp, withOpenConnections } from '../plan/open-connections.ts';
import type { System } from '../system/system.ts';

/**
 * Adds what keeps a fence that comes up from cutting off connections that are open now; nothing where the fence is up.
 * Throws GeofenceError when /proc/net/tcp or tcp6 exists but cannot be read.
 */
export async function keepOpen(
  desired: DesiredState,
  actual: State,
  system: Pick<System, 'readText' | 'readGenerated'>,
): Promise<DesiredState> {
  const coming = comingUp(desired, actual);
  return coming.length === 0 ? desired : withOpenConnections(desired, coming, await openConnections(system));
}
