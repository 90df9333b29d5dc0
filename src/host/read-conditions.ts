import { tryRead } from '../errors.ts';
import { findNotrackRules } from '../firewall/find-notrack.ts';
import type { NotrackRule } from '../firewall/parse-notrack.ts';
import type { PublishedPort } from '../firewall/published-ports.ts';
import { findPublishedPorts } from '../firewall/published-ports.ts';
import type { TableInputs } from '../firewall/saved-table.ts';
import type { Bounds } from '../ip/bounds.ts';
import type { Family } from '../ip/family.ts';
import { ipv4, ipv6 } from '../ip/family.ts';
import { parseNetworks } from '../ip/networks.ts';
import type { System } from '../system/system.ts';
import { readForwarding } from './forwarding.ts';
import { readListeners } from './read-listeners.ts';
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
  /** The names of its interfaces; undefined when they cannot be read. */
  readonly interfaces: readonly string[] | undefined;
  /** Ports that lead to another one, on which nothing of this host listens. */
  readonly published: readonly PublishedPort[];
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
  const tables = { run: system.run, readText: system.readText, available };
  const [forwarded, behind, silentSshPorts, notrack, devices, published] = await Promise.all([
    readForwarding(system),
    readBehind(system),
    tryRead(findSilentSshPorts(system, sshPorts)),
    findNotrackRules(tables),
    tryRead(system.readText('/proc/net/dev')),
    readPublished(system, tables),
  ]);
  const interfaces = devices === undefined ? undefined : parseInterfaces(devices);
  return { forwarded, behind, silentSshPorts: silentSshPorts ?? [], notrack, interfaces, published };
}

/** Returns the names of interfaces out of /proc/net/dev: "  eth0: 1538 24 0 ...", below two lines of headings. */
export const parseInterfaces = (table: string): string[] =>
  [...table.matchAll(/^ *(\S+?): *\d/gm)].map(([, name = '']) => name);

/** Who names a port that this host itself serves means that one. */
async function readPublished(system: HostInputs, tables: TableInputs): Promise<PublishedPort[]> {
  const published = await findPublishedPorts(tables);
  if (published.length === 0) return [];
  const listeners = await readListeners(system);
  return published.filter(
    ({ protocol, inner }) => !listeners.some((one) => one.protocol === protocol && one.port === inner),
  );
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
