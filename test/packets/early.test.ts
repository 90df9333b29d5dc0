import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Backend } from '../../src/firewall/backend.ts';
import { families } from '../../src/ip/family.ts';
import { familyOf } from '../../src/ip/cidr.ts';
import { dropped as droppedIn } from '../../src/health/counters.ts';
import type { Stage } from '../../src/firewall/model.ts';
import { rulesOf } from '../../src/firewall/rulesets.ts';
import { kernelSkip } from '../helpers/kernel-skip.ts';
import { links } from '../helpers/network.ts';
import type { FenceOptions } from '../helpers/states.ts';
import { fenceState } from '../helpers/states.ts';
import { bringAbout } from '../kernel/bring-about.ts';
import type { Kind } from './gateway.ts';
import { allowFence, createGateway, denyFence, kinds, sources } from './gateway.ts';
import { startProbe } from './probes.ts';

const PORT = '7100';

/** How many packets a stage has dropped, of both families. */
async function droppedBy(backend: Backend, stage: Stage): Promise<number> {
  const state = await backend.read('content');
  return families
    .map((family) => droppedIn({ ...state, rulesets: [rulesOf(state, stage, family)] }, family).packets)
    .reduce((sum, count) => sum + count, 0);
}

const cases: { name: string; fence: FenceOptions; dropped: Kind[] }[] = [
  { name: 'an allow fence', fence: allowFence, dropped: ['denied', 'unlisted'] },
  { name: 'a deny fence', fence: denyFence, dropped: ['denied'] },
];

for (const variant of ['nft', 'legacy'] as const) {
  const skip = await kernelSkip(variant);

  for (const { name, fence: options, dropped } of cases) {
    test(
      `iptables-${variant}: ${name} drops SYNs early, and connections of others come about`,
      { skip },
      async (t) => {
        const { client, fence, backend } = await createGateway(t, variant);
        await bringAbout(backend, fenceState({ ...options, dropsEarly: true }));
        const echo = await startProbe(fence, 'echo', [PORT]);
        t.after(echo.stop);
        for (const kind of kinds) {
          for (const source of sources[kind]) {
            const before = await droppedBy(backend, 'early');
            const args = [source, links.fence[familyOf(source).name], PORT];
            const isDropped = dropped.includes(kind);
            const connection = await startProbe(client, 'connection', args, !isDropped);
            const wanted = isDropped ? before + 1 : before;
            for (let look = 0; look < 50 && (await droppedBy(backend, 'early')) < wanted; look++)
              await sleep(100);
            connection.child.kill();
            const found = await droppedBy(backend, 'early');
            // The kernel sends a SYN again after a second.
            assert.ok(
              isDropped ? found > before : found === before,
              `${kind} ${source}: ${found - before} dropped`,
            );
          }
        }
        assert.equal(await droppedBy(backend, 'main'), 0, 'nothing was left for the fence itself');
      },
    );
  }
}
