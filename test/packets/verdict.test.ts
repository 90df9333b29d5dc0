import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kernelSkip } from '../helpers/kernel-skip.ts';
import type { FenceOptions } from '../helpers/states.ts';
import { fenceState, judge } from '../helpers/states.ts';
import { bringAbout } from '../kernel/bring-about.ts';
import type { Kind } from './gateway.ts';
import { allowFence, createGateway, denyFence, kinds, ports, routesFrom, sources } from './gateway.ts';
import { sendAll } from './probes.ts';

interface Case {
  readonly name: string;
  readonly fence: FenceOptions;
  readonly dropped: readonly Kind[];
}

const cases: readonly Case[] = [
  { name: 'an allow fence', fence: allowFence, dropped: ['denied', 'unlisted'] },
  { name: 'a deny fence', fence: denyFence, dropped: ['denied'] },
  {
    name: 'an allow fence without local escapes',
    fence: { ...allowFence, local: false },
    dropped: ['denied', 'unlisted', 'local'],
  },
  {
    name: 'an allow fence that escapes everything',
    fence: { networks: [], escapes: ['0.0.0.0/0', '::/0'] },
    dropped: [],
  },
  {
    name: 'an allow fence that holds nothing',
    fence: { ...allowFence, networks: [] },
    dropped: ['allowed', 'denied', 'unlisted'],
  },
];

const everyone = kinds.flatMap((kind) => sources[kind].map((source) => ({ kind, source })));
const routes = everyone.flatMap(({ source }) => routesFrom(source));

/** What arrives when these kinds are dropped. */
const arrivals = (dropped: readonly Kind[]): string[] =>
  everyone
    .filter(({ kind }) => !dropped.includes(kind))
    .flatMap(({ source }) => Object.values(ports).map((port) => `${port} ${source}`))
    .sort();

for (const variant of ['nft', 'legacy'] as const) {
  const skip = await kernelSkip(variant);

  test(
    `iptables-${variant}: packets to the host, behind it and to a published port meet the fence`,
    { skip },
    async (t) => {
      const { client, fence, server, backend } = await createGateway(t, variant);
      assert.deepEqual(await sendAll(client, [fence, server], routes), arrivals([]), 'without a fence');
      for (const { name, fence: options, dropped } of cases) {
        const state = fenceState(options);
        await bringAbout(backend, state);
        assert.deepEqual(await sendAll(client, [fence, server], routes), arrivals(dropped), name);
        const judged = everyone.filter(({ source }) => !judge(state, source).passes);
        const expected = everyone.filter(({ kind }) => dropped.includes(kind));
        assert.deepEqual(judged, expected, `verdict() on ${name}`);
      }
      await bringAbout(backend, fenceState({ ...allowFence, ipv6: false }));
      const open = arrivals(['denied', 'unlisted']).filter((line) => !line.includes(':'));
      const all6 = arrivals([]).filter((line) => line.includes(':'));
      assert.deepEqual(
        await sendAll(client, [fence, server], routes),
        [...open, ...all6].sort(),
        'IPv4 only',
      );
    },
  );
}
