import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kernelSkip } from '../helpers/kernel-skip.ts';
import type { FenceOptions } from '../helpers/states.ts';
import { fenceState } from '../helpers/states.ts';
import { bringAbout } from '../kernel/bring-about.ts';
import { allowFence, createGateway, denyFence, ports, routesFrom, sources } from './gateway.ts';
import { countsOf, startProbe } from './probes.ts';

/** Fences that agree about who is allowed and who is denied, and in nothing else. */
const fences: readonly FenceOptions[] = [
  allowFence,
  { ...allowFence, networks: ['192.0.2.0/28', '203.0.113.0/24', '2001:db8:a::/64'] },
  {
    ...allowFence,
    networks: ['203.0.113.0/24', '2001:db8:f::/48'],
    escapes: ['192.0.2.10', '2001:db8:a::10'],
  },
  { ...allowFence, countries: ['DE'], logDrops: true },
  denyFence,
  { ...denyFence, networks: ['198.51.100.0/28', '2001:db8:d::/64'], escapes: [] },
];
const UPDATES = 20;

for (const variant of ['nft', 'legacy'] as const) {
  const skip = await kernelSkip(variant);

  test(
    `iptables-${variant}: not one packet is let in or lost by mistake during ${UPDATES} updates`,
    { skip },
    async (t) => {
      const { client, fence, server, backend } = await createGateway(t, variant);
      const states = fences.map(fenceState);
      await bringAbout(backend, states[0] ?? assert.fail());
      const routes = [...sources.allowed, ...sources.denied].flatMap((from) => routesFrom(from).slice(0, 2));
      const receivers = [
        await startProbe(fence, 'receiver', [String(ports.host)]),
        await startProbe(server, 'receiver', [String(ports.behind)]),
      ];
      const sender = await startProbe(client, 'sender', [JSON.stringify(routes), '5'], false);
      for (let i = 1; i <= UPDATES; i++) {
        const changes = await bringAbout(backend, states[i % states.length] ?? assert.fail());
        assert.notDeepEqual(changes, []);
      }
      sender.child.stdin.end();
      const rounds = Number(await sender.line());
      const [host, behind] = await Promise.all(receivers.map(countsOf));
      const wanted = (port: number): Record<string, number> =>
        Object.fromEntries(sources.allowed.map((source) => [`${port} ${source}`, rounds]));
      assert.deepEqual(host, wanted(ports.host));
      assert.deepEqual(behind, wanted(ports.behind));
      assert.ok(rounds >= UPDATES, `${rounds} rounds`);
      t.diagnostic(`${rounds * routes.length} packets`);
    },
  );
}
