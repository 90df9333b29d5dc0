import type { Namespace } from './netns.ts';
import { createNamespace } from './netns.ts';

/** Three hosts in a row: a client, the host with the fence, and a server behind it. */
export interface Network {
  readonly client: Namespace;
  readonly fence: Namespace;
  readonly server: Namespace;
  readonly close: () => Promise<void>;
}

/** The addresses of the links: private ones, as between a host and its router. */
export const links = {
  fence: { ipv4: '10.9.0.1', ipv6: 'fd09::1' },
  client: { ipv4: '10.9.0.2', ipv6: 'fd09::2' },
  server: { ipv4: '10.8.0.2', ipv6: 'fd08::2' },
} as const;

/** Networks the client may speak for, beside its own address. */
const networks = ['192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24', '2001:db8::/32'];

/**
 * Joins the three by veth pairs, both families. `sources` are further addresses of the client. Duplicate address
 * detection is off: it takes a second, in which an address cannot be used.
 */
export async function createNetwork(sources: readonly string[]): Promise<Network> {
  const fence = await createNamespace();
  const members = [fence];
  const close = async (): Promise<void> => void (await Promise.all(members.map((member) => member.close())));
  try {
    const [client, server] = await Promise.all([createNamespace(fence), createNamespace(fence)]);
    members.push(client, server);
    await Promise.all(members.map(withoutDetection));
    await fence.run('ip', ['-batch', '-'], { input: fenceLinks(client, server) });
    await Promise.all([
      client.run('ip', ['-batch', '-'], { input: clientLinks(sources) }),
      server.run('ip', ['-batch', '-'], { input: serverLinks }),
      fence.run('sh', [
        '-c',
        'echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding',
      ]),
    ]);
    return { client, fence, server, close };
  } catch (error) {
    await close();
    throw error;
  }
}

const withoutDetection = async (namespace: Namespace): Promise<unknown> =>
  await namespace.run('sh', [
    '-c',
    'for i in all default; do echo 0 >/proc/sys/net/ipv6/conf/$i/accept_dad; done',
  ]);

const fenceLinks = (client: Namespace, server: Namespace): string => `\
link add f0 type veth peer name c0
link add f1 type veth peer name s0
link set c0 netns ${client.pid}
link set s0 netns ${server.pid}
address add ${links.fence.ipv4}/24 dev f0
address add 10.8.0.1/24 dev f1
address add ${links.fence.ipv6}/64 dev f0 nodad
address add fd08::1/64 dev f1 nodad
link set f0 up
link set f1 up
${networks.map((network) => `route add ${network} dev f0\n`).join('')}`;

const clientLinks = (sources: readonly string[]): string => `\
address add ${links.client.ipv4}/24 dev c0
address add ${links.client.ipv6}/64 dev c0 nodad
${sources.map((source) => `address add ${source} dev c0${source.includes(':') ? ' nodad' : ''}\n`).join('')}link set c0 up
route add 10.8.0.0/24 via ${links.fence.ipv4}
route add fd08::/64 via ${links.fence.ipv6}
`;

const serverLinks = `\
address add ${links.server.ipv4}/24 dev s0
address add ${links.server.ipv6}/64 dev s0 nodad
link set s0 up
route add default via 10.8.0.1
route add default via fd08::1
`;
