import type { Family } from '../ip/family.ts';
import type { System } from '../system/system.ts';
import { readForwarding } from './forwarding.ts';
import type { SilentPort } from './read-ssh.ts';
import { findSilentSshPorts } from './read-ssh.ts';

/** What of this host a fence may be at odds with. */
export interface HostConditions {
  /** The families that it forwards. */
  readonly forwarded: readonly Family[];
  readonly silentSshPorts: readonly SilentPort[];
}

/**
 * Looks at this host for what a fence may be at odds with; `sshPorts` is the setting. Throws GeofenceError when a file
 * of /proc exists but cannot be read.
 */
export async function readConditions(
  system: System,
  sshPorts: readonly number[] | undefined,
): Promise<HostConditions> {
  const [forwarded, silentSshPorts] = await Promise.all([
    readForwarding(system),
    findSilentSshPorts(system, sshPorts),
  ]);
  return { forwarded, silentSshPorts };
}
