import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Backend } from '../../src/firewall/backend.ts';
import type { Variant } from '../../src/firewall/variants.ts';
import { backendOn } from '../helpers/backends.ts';
import type { FenceOptions } from '../helpers/states.ts';
import { createNetwork, links } from '../helpers/network.ts';
import type { Network } from '../helpers/network.ts';
import type { Route } from './probes.ts';

/** Whom packets come from; the escapes lie among the denied. */
export const sources = {
  allowed: ['192.0.2.10', '2001:db8:a::10'],
  denied: ['198.51.100.10', '2001:db8:d::10'],
  escape: ['198.51.100.77', '2001:db8:d::77'],
  unlisted: ['203.0.113.10', '2001:db8:f::10'],
  local: [links.client.ipv4, links.client.ipv6],
} as const;
export type Kind = keyof typeof sources;
export const kinds = Object.keys(sources) as Kind[];

const escapes = [...sources.escape];
/** Two fences that agree about all but the unlisted. */
export const allowFence: FenceOptions = {
  networks: ['192.0.2.0/24', '2001:db8:a::/48'],
  escapes,
  local: true,
};
export const denyFence: FenceOptions = {
  mode: 'deny',
  networks: ['198.51.100.0/24', '2001:db8:d::/48'],
  escapes,
  local: true,
};

/** On the host itself, on a server behind it, and on a port of the host that is handed on to that server. */
export const ports = { host: 7000, behind: 7001, published: 7002 } as const;

/** The routes from a source to the three ports. */
export const routesFrom = (from: string): Route[] => {
  const family = from.includes(':') ? 'ipv6' : 'ipv4';
  return [
    { from, to: links.fence[family], port: ports.host },
    { from, to: links.server[family], port: ports.behind },
    { from, to: links.fence[family], port: ports.published },
  ];
};

export interface Gateway extends Network {
  readonly backend: Backend;
}

/** A network whose middle host forwards, publishes a port of the server, and is to be fenced. */
export async function createGateway(t: TestContext, variant: Variant): Promise<Gateway> {
  const network = await createNetwork(Object.values(sources).slice(0, 4).flat());
  t.after(network.close);
  const { run } = network.fence;
  for (const [tool, to] of [
    ['iptables', links.server.ipv4],
    ['ip6tables', `[${links.server.ipv6}]`],
  ] as const) {
    const rule = `-A PREROUTING -p udp -m udp --dport ${ports.published} -j DNAT --to-destination ${to}:${ports.published}`;
    await run(`${tool}-${variant}-restore`, ['--noflush'], { input: `*nat\n${rule}\nCOMMIT\n` });
  }
  return { ...network, backend: backendOn(run, sleep, variant) };
}
