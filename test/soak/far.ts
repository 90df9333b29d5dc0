import type { TestContext } from 'node:test';
import { createNamespace } from '../helpers/netns.ts';
import type { Namespace } from '../helpers/netns.ts';
import { links } from '../helpers/network.ts';
import type { Arena } from './arena.ts';

/** A host behind the client, over a link that takes smaller packets than the others. */
export const far = { ipv4: '192.0.2.66', ipv6: '2001:db8:a:66::2' } as const;
export const SMALL_MTU = 1300;

/**
 * Sets it up. Only the client, which passes packets on, knows how small the link is: the far host offers to take more,
 * so that whoever sends to it must be told on the way, by an ICMP message from the client's own address.
 */
export async function createFar(t: TestContext, { network }: Arena): Promise<Namespace> {
  const { client, fence } = network;
  const host = await createNamespace(fence);
  t.after(host.close);
  await client.run('ip', ['-batch', '-'], {
    input: `\
link add r0 type veth peer name r1
link set r1 netns ${host.pid}
address add 10.7.0.1/24 dev r0
address add fd07::1/64 dev r0 nodad
link set r0 mtu ${SMALL_MTU} up
route add ${far.ipv4} via 10.7.0.2
`,
  });
  await host.run('ip', ['-batch', '-'], {
    input: `\
address add 10.7.0.2/24 dev r1
address add ${far.ipv4}/32 dev r1
address add fd07::2/64 dev r1 nodad
address add ${far.ipv6}/128 dev r1 nodad
link set r1 up
route add default via 10.7.0.1
route add default via fd07::1
`,
  });
  await client.run('ip', ['-6', 'route', 'add', far.ipv6, 'via', 'fd07::2', 'dev', 'r0']);
  await client.run('sh', [
    '-ec',
    'echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding',
  ]);
  await fence.run('ip', ['-batch', '-'], {
    input: `route add ${far.ipv4} via ${links.client.ipv4}\nroute add ${far.ipv6} via ${links.client.ipv6}\n`,
  });
  return host;
}
