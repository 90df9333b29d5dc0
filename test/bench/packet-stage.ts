import { writeFile } from 'node:fs/promises';
import type { Bounds } from '../../src/ip/bounds.ts';
import { subtract, unionAll } from '../../src/ip/bounds.ts';
import type { Family } from '../../src/ip/family.ts';
import { ipv4 } from '../../src/ip/family.ts';
import { formatBounds } from '../../src/ip/prefixes.ts';
import { aggregate } from '../../src/zones/aggregate.ts';
import { localBounds } from '../../src/zones/local.ts';
import type { Network } from '../helpers/network.ts';
import { links } from '../helpers/network.ts';
import { boundsIn } from '../helpers/states.ts';
import { geofenceCommand, must } from './commands.ts';
import type { Data, Zone } from './data.ts';
import { FLOOD } from './flood.ts';

const SOURCES = 4096;
/** The kernel lets go of a set some time after its last rule went. */
const DESTROY = 'for i in 1 2 3 4 5 6 7 8 9; do ipset destroy && exit; sleep 0.2; done; exit 1';
const TCP = 6;
const UDP = 17;
const SYN = 2;
/** Of the flow that the host began. */
export const flowPorts = { client: 9000, host: 7000 } as const;

export interface FenceSettings {
  readonly extraEntriesPercent?: number;
  readonly dropsEarly?: boolean;
}

/** A host that is fenced this way and that, and a neighbour who floods it, in one family. */
export class PacketStage {
  readonly family: Family;
  readonly #network: Network;
  readonly #data: Data;
  readonly #count: number;

  constructor(family: Family, network: Network, data: Data, count: number) {
    this.family = family;
    this.#network = network;
    this.#data = data;
    this.#count = count;
  }

  /** Takes everything away. */
  async clear(): Promise<void> {
    for (const table of ['raw', 'filter']) await this.rules(table, []);
    await this.#geofence('remove');
    await must(this.#network.fence.finish, ['sh', '-c', DESTROY]);
  }

  /** Puts a real fence up. */
  async fence(countries: string, settings: FenceSettings = {}): Promise<void> {
    const { extraEntriesPercent = 10, dropsEarly = false } = settings;
    await writeFile(
      this.#data.config,
      `sources = ["ipdeny"]\nmax_extra_entries_percent = ${extraEntriesPercent}\nearly_drop = ${dropsEarly}\n`,
    );
    const { config } = this.#data;
    await this.#geofence('refresh', '--offline', '--no-local', '--allow', countries, '--config', config);
  }

  /** Makes these the rules of a table, and the only ones. */
  async rules(table: string, lines: readonly string[]): Promise<void> {
    const tool = this.family === ipv4 ? 'iptables-restore' : 'ip6tables-restore';
    await this.#network.fence.run(tool, [], { input: [`*${table}`, ...lines, 'COMMIT', ''].join('\n') });
  }

  async sets(script: string): Promise<void> {
    await this.#network.fence.run('ipset', ['restore'], { input: script });
  }

  /** Lets the host begin a flow, so that what comes back belongs to it. */
  async beginFlow(): Promise<void> {
    const { fence, client } = links;
    const { name } = this.family;
    const code = `
import socket, time
out = socket.socket(socket.AF_INET${this.family === ipv4 ? '' : '6'}, socket.SOCK_DGRAM)
out.bind(('${fence[name]}', ${flowPorts.host}))
for _ in range(2):
    out.sendto(b'x', ('${client[name]}', ${flowPorts.client}))
    time.sleep(0.1)`;
    await must(this.#network.fence.finish, ['python3', '-c', code]);
  }

  /** Nanoseconds a SYN takes, from addresses in none of the countries. */
  async syns(sources: readonly string[]): Promise<number> {
    return await this.#flood({ protocol: TCP, flags: SYN, ports: [40_000, 443], from: sources });
  }

  /** Nanoseconds a packet of the flow takes. */
  async flow(): Promise<number> {
    const ports = [flowPorts.client, flowPorts.host];
    return await this.#flood({ protocol: UDP, flags: 0, ports, from: [links.client[this.family.name]] });
  }

  async #flood(job: object): Promise<number> {
    const { fence, client } = this.#network;
    const text = await must(fence.finish, ['ip', '-j', 'link', 'show', 'f0']);
    const [link] = JSON.parse(text) as { address: string }[];
    const args = ['c0', link?.address ?? '', String(this.#count)];
    const what = JSON.stringify({ ...job, to: links.fence[this.family.name] });
    return Number(await must(client.finish, ['python3', '-c', FLOOD, ...args, what]));
  }

  async #geofence(...args: string[]): Promise<void> {
    await must(this.#network.fence.finish, geofenceCommand(this.#data, ...args));
  }
}

/** The networks of some countries; all of them without a list. */
export const boundsOfCountries = (
  zones: readonly Zone[],
  family: Family,
  countries?: readonly string[],
): Bounds =>
  aggregate(
    family,
    zones.filter(({ country }) => countries?.includes(country) ?? true).map(({ body }) => body),
  );

/** Addresses outside of `bounds` and of all local space, from all over the rest. */
export function outsiders(family: Family, bounds: Bounds): string[] {
  const world = boundsIn(family, [family === ipv4 ? '0.0.0.0/0' : '2000::/3']);
  const networks = formatBounds(subtract(world, unionAll(family, [bounds, localBounds(family)])));
  const step = Math.max(1, networks.length / SOURCES);
  return Array.from(
    { length: Math.min(SOURCES, networks.length) },
    (_, i) => networks[Math.floor(i * step)] ?? '',
  )
    .map((network) => network.slice(0, network.indexOf('/')))
    .filter((address) => address !== '');
}
