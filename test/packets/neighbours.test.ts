import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Variant } from '../../src/firewall/variants.ts';
import { pythonSkip } from '../helpers/kernel-skip.ts';
import type { Namespace } from '../helpers/netns.ts';
import { links } from '../helpers/network.ts';
import { fenceState } from '../helpers/states.ts';
import { bringAbout } from '../kernel/bring-about.ts';
import { allowFence, createGateway, sources } from './gateway.ts';
import type { RawPacket } from './raw-sender.ts';
import { macOf, startRawSender } from './raw-sender.ts';

const [denied4, denied6] = sources.denied;
const ON_LINK = 'fe80::99';

interface Case {
  readonly name: string;
  readonly packet: Omit<RawPacket, 'hops'> & { readonly hops?: number };
  readonly passes: boolean;
}

/** What neighbours say, and what looks like it. None of it comes from whom the fence lets in. */
const cases: readonly Case[] = [
  { name: 'IGMP query', packet: { protocol: 'igmp', from: denied4, to: '224.0.0.1', hops: 1 }, passes: true },
  {
    name: 'IGMP to an address',
    packet: { protocol: 'igmp', from: denied4, to: links.fence.ipv4 },
    passes: false,
  },
  {
    name: 'MLD query',
    packet: { protocol: 'icmp', icmpType: 130, from: ON_LINK, to: 'ff02::1', hops: 1 },
    passes: true,
  },
  {
    name: 'MLD query from afar',
    packet: { protocol: 'icmp', icmpType: 130, from: denied6, to: links.fence.ipv6, hops: 1 },
    passes: false,
  },
  ...[
    { name: 'DHCP answer to everybody', to: '255.255.255.255', passes: true },
    { name: 'DHCP answer to the host', to: links.fence.ipv4, passes: true },
    { name: 'DHCP answer to a machine behind', to: links.server.ipv4, passes: false },
  ].map(({ name, to, passes }): Case => ({
    name,
    packet: { protocol: 'udp', from: denied4, to, ports: [67, 68] },
    passes,
  })),
  ...[
    { name: 'DHCPv6 answer', from: ON_LINK, to: links.fence.ipv6, passes: true },
    { name: 'DHCPv6 answer from afar', from: denied6, to: links.fence.ipv6, passes: false },
    { name: 'DHCPv6 answer to a machine behind', from: denied6, to: links.server.ipv6, passes: false },
  ].map(({ name, from, to, passes }): Case => ({
    name,
    packet: { protocol: 'udp', from, to, ports: [547, 546] },
    passes,
  })),
];

/** How many packets there were behind the fence, for the host itself or not. */
async function countPassed({ run }: Namespace, variant: Variant): Promise<number> {
  const saved = await Promise.all(
    ['iptables', 'ip6tables'].map(
      async (tool) => await run(`${tool}-${variant}-save`, ['-c', '-t', 'mangle']),
    ),
  );
  const counters = saved.flatMap(({ stdout }) => [
    ...stdout.toString().matchAll(/^\[(\d+):\d+\] -A (?:INPUT|FORWARD) -i f0/gm),
  ]);
  return counters.reduce((sum, [, count]) => sum + Number(count), 0);
}

for (const variant of ['nft', 'legacy'] as const) {
  test(
    `iptables-${variant}: with --no-local a fence spares what keeps the host on its network, and no more`,
    { skip: await pythonSkip(variant) },
    async (t) => {
      const { client, fence, backend } = await createGateway(t, variant);
      // Nothing but what is sent here, and nothing that is answered.
      const drops = ['udp', 'igmp', 'icmp'].map((protocol) =>
        ['INPUT', 'FORWARD'].map((chain) => [chain, protocol] as const),
      );
      for (const [tool, icmp] of [
        ['iptables', 'icmp'],
        ['ip6tables', 'ipv6-icmp'],
      ] as const) {
        const rules = drops.flat().flatMap(([chain, protocol]) => {
          if (protocol === 'icmp' && icmp === 'icmp') return [];
          const match = protocol === 'icmp' ? `${icmp} -m icmp6 --icmpv6-type 130` : protocol;
          return [`-A ${chain} -i f0 -p ${match} -j DROP`];
        });
        const input = ['*mangle', ...rules, 'COMMIT', ''].join('\n');
        await fence.run(`${tool}-${variant}-restore`, ['--noflush'], { input });
      }
      const sender = await startRawSender(client, 'c0', [
        await macOf(fence, 'f0'),
        await macOf(client, 'c0'),
      ]);
      t.after(sender.stop);
      const passed = async (): Promise<string[]> => {
        const names: string[] = [];
        for (const { name, packet } of cases) {
          const before = await countPassed(fence, variant);
          await sender.send([{ hops: 64, ...packet }]);
          if ((await countPassed(fence, variant)) > before) names.push(name);
        }
        return names;
      };
      assert.deepEqual(
        await passed(),
        cases.map(({ name }) => name),
        'without a fence',
      );
      const wanted = cases.filter(({ passes }) => passes).map(({ name }) => name);
      for (const options of [{ local: false }, { local: false, dropsEarly: true }]) {
        await bringAbout(backend, fenceState({ ...allowFence, ...options }));
        assert.deepEqual(await passed(), wanted);
      }
    },
  );
}
