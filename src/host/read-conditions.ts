import { findNotrackRules } from '../firewall/find-notrack.ts';
import type { NotrackRule } from '../firewall/parse-notrack.ts';
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
  /** Rules that take packets out of connection tracking. */
  readonly notrack: readonly NotrackRule[];
}

/** What is known of this host before it is looked at. */
interface KnownOfHost {
  /** The setting ssh_ports, if anybody stated it. */
  readonly sshPorts: readonly number[] | undefined;
  /** The families that the kernel has. */
  readonly available: readonly Family[];
}

/**
 * Looks at this host for what a fence may be at odds with. Throws GeofenceError when a file of /proc exists but cannot be
 * read.
 */
export async function readConditions(
  system: System,
  { sshPorts, available }: KnownOfHost,
): Promise<HostConditions> {
  const [forwarded, silentSshPorts, notrack] = await Promise.all([
    readForwarding(system),
    findSilentSshPorts(system, sshPorts),
    findNotrackRules({ ...system, available }),
  ]);
  return { forwarded, silentSshPorts, notrack };
}
