import { tryRead } from '../errors.ts';
import { findNotrackRules } from '../firewall/find-notrack.ts';
import type { NotrackRule } from '../firewall/parse-notrack.ts';
import type { Bounds } from '../ip/bounds.ts';
import type { Family } from '../ip/family.ts';
import { ipv4, ipv6 } from '../ip/family.ts';
import { parseNetworks } from '../ip/networks.ts';
import type { System } from '../system/system.ts';
import { readForwarding } from './forwarding.ts';
import { networksBehind4, networksBehind6 } from './parse-routes-behind.ts';
import type { SilentPort } from './read-ssh.ts';
import { findSilentSshPorts } from './read-ssh.ts';

/** What of this host a fence may be at odds with. */
export interface HostConditions {
  /** The families that it forwards. */
  readonly forwarded: readonly Family[];
  /** The networks behind it, of each family. */
  readonly behind: ReadonlyMap<Family, Bounds>;
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

type HostInputs = Pick<System, 'run' | 'readText' | 'readGenerated' | 'listFolder' | 'readLink'>;

/** Looks at this host for what a fence may be at odds with; what cannot be read counts as nothing. */
export async function readConditions(
  system: HostInputs,
  { sshPorts, available }: KnownOfHost,
): Promise<HostConditions> {
  const [forwarded, behind, silentSshPorts, notrack] = await Promise.all([
    readForwarding(system),
    readBehind(system),
    tryRead(findSilentSshPorts(system, sshPorts)),
    findNotrackRules({ run: system.run, readText: system.readText, available }),
  ]);
  return { forwarded, behind, silentSshPorts: silentSshPorts ?? [], notrack };
}

async function readBehind({ readText }: Pick<System, 'readText'>): Promise<ReadonlyMap<Family, Bounds>> {
  const [routes4, routes6] = await Promise.all([
    tryRead(readText('/proc/net/route')),
    tryRead(readText('/proc/net/ipv6_route')),
  ]);
  return new Map([
    [ipv4, parseNetworks(ipv4, networksBehind4(routes4 ?? ''))],
    [ipv6, parseNetworks(ipv6, networksBehind6(routes6 ?? ''))],
  ]);
}
