import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { kernelSkip } from '../helpers/kernel-skip.ts';
import type { Namespace } from '../helpers/netns.ts';
import { links } from '../helpers/network.ts';
import type { Arena, Call, Variant } from './arena.ts';
import { createArena } from './arena.ts';
import { SMALL_MTU, createFar, far } from './far.ts';
import type { Peer } from './peer.ts';
import { startPeer } from './peer.ts';
import { Tally } from './tally.ts';
import { Traffic } from './traffic.ts';
import type { Route } from './world.ts';
import { escapeLines, escapeWords, familyNames, ports, routesFrom, sourceNames, sources } from './world.ts';

const skip = await kernelSkip('nft', 'legacy');

/** Of each variant; CHANGES=100 and more is for a change of what this is about. */
const CHANGES = Number(process.env['CHANGES'] ?? 40);
const PAUSE_MILLISECONDS = 20;
const FLUSH_MILLISECONDS = 700;
const BLOB_BYTES = 60_000;
const BLOB_PORT = '7300';
const CLIENT_PORT = 7100;

/** In every one of them home, the escape and the far host get in, and those from Russia do not. Links do not by themselves. */
const always = [
  '--no-local',
  ...escapeWords('escape'),
  ...familyNames.flatMap((family) => ['--allow-subnet', far[family]]),
];
const policies = {
  canada: ['--allow', 'CA', ...always, ...escapeWords('first')],
  /** Home is in no country of this one: it moves to the escapes, and back. */
  netherlands: ['--allow', 'NL', ...always, ...escapeWords('home')],
  russia: ['--deny', 'RU', ...always, ...escapeWords('second')],
  both: ['--deny', 'RU,NL', ...always],
};

const fresh = ['--max-zone-age', '0'];

/** A country switch, an update, a mode switch, ..., each of them from the one before. */
const changes: readonly (Call & { readonly config?: string })[] = [
  { args: ['refresh', ...policies.canada, ...fresh] },
  { args: ['refresh', ...policies.canada, ...fresh], day: 'tuesday' },
  { args: ['restore'] },
  { args: ['refresh', ...policies.netherlands] },
  { args: ['refresh', ...policies.russia, ...fresh] },
  { args: ['refresh', ...policies.russia, ...fresh], day: 'tuesday' },
  { args: ['refresh', ...policies.both] },
  { args: ['restore'], config: `deny = ["RU"]\nlocal = false\n${escapeLines('escape', 'second')}` },
];

/** For restore to mend: the wrong ones come in, and not all of the right ones. */
const damage =
  'ipset add geofence-main-allow-4 203.0.113.0/25; ipset -exist add geofence-main-allow-4 23.1.1.0/25 nomatch; ipset add geofence-main-allow-6 2001:db8:f::/64; ipset create geofence-main-allow-6.new hash:ip';

/** Something must change: a run with nothing to do proves nothing. */
async function change(arena: Arena, call: Call & { readonly config?: string }): Promise<void> {
  await arena.configure(call.config);
  const { status, stdout, stderr } = await arena.geofence({ ...call, args: [...call.args, '--json'] });
  assert.equal(status, 0, `${call.args.join(' ')}: ${stderr}`);
  assert.equal((JSON.parse(stdout) as { applied: boolean }).applied, true, call.args.join(' '));
}

/** Connections that are open before there is a fence: from everybody to everything, and outward to the denied. */
async function openFlows(t: TestContext, { network }: Arena): Promise<Peer[]> {
  const { client, fence, server } = network;
  const start = async (namespace: Namespace, program: string, args: readonly string[]): Promise<Peer> => {
    const { peer, first } = await startPeer(namespace, program, args);
    t.after(peer.stop);
    assert.equal(first, 'ready');
    return peer;
  };
  await Promise.all([
    start(fence, '../packets/echo.js', [String(ports.host)]),
    start(server, '../packets/echo.js', [String(ports.behind)]),
    start(server, '../packets/echo.js', [String(ports.published)]),
    start(client, '../packets/echo.js', [String(CLIENT_PORT)]),
  ]);
  const outward: Route[] = familyNames.map((family) => ({
    from: '',
    to: sources.foreign[family],
    port: CLIENT_PORT,
  }));
  return await Promise.all([
    start(client, './flows.js', [JSON.stringify(routesFrom(sourceNames)), '100']),
    start(fence, './flows.js', [JSON.stringify(outward), '100']),
    start(server, './flows.js', [JSON.stringify(outward), '100']),
  ]);
}

/** Downloads from the host and from behind it, to the far host. */
async function startDownloads(t: TestContext, arena: Arena): Promise<Peer> {
  const host = await createFar(t, arena);
  const { fence, server } = arena.network;
  for (const namespace of [fence, server]) {
    const { peer } = await startPeer(namespace, './blob.js', [BLOB_PORT, String(BLOB_BYTES)]);
    t.after(peer.stop);
  }
  const routes = familyNames.flatMap((family) =>
    [links.fence, links.server].map((to) => ({ from: far[family], to: to[family], port: Number(BLOB_PORT) })),
  );
  const { peer } = await startPeer(host, './downloads.js', [
    JSON.stringify(routes),
    String(BLOB_BYTES),
    '50',
  ]);
  t.after(peer.stop);
  return peer;
}

/**
 * Makes the hosts forget their neighbours and how small packets must be, again and again; how often. Neighbours that
 * are just being looked for are left alone: packets wait for them, and would be lost for no fault of the fence. They are
 * declared failed, not flushed: a packet that holds an entry while it is flushed is lost, and no counter tells of it.
 */
function keepForgetting({ network }: Arena): { stop: () => Promise<number> } {
  const told = new AbortController();
  const work = async (): Promise<number> => {
    for (let times = 0; ; times++) {
      await sleep(FLUSH_MILLISECONDS, undefined, { signal: told.signal }).catch(() => {});
      if (told.signal.aborted) return times;
      await Promise.all(
        Object.entries({ f: network.fence, c: network.client, s: network.server }).map(
          async ([letter, namespace]) =>
            await namespace.run('sh', [
              '-c',
              `for d in ${letter}0 ${letter}1; do ip neigh show dev $d nud reachable nud stale nud delay | sed "s/ .*//; s/.*/neigh change & dev $d nud failed/" | ip -force -batch - 2>/dev/null; done; ip route flush cache; ip -6 route flush cache`,
            ]),
        ),
      );
    }
  };
  const done = work();
  return {
    stop: async () => {
      told.abort();
      return await done;
    },
  };
}

/** Counters of the kernel of a host: neighbours that asked and answered, and messages about packets that were too big. */
async function countersOf(
  namespace: Namespace,
): Promise<{ neighbours: number; tooBig4: number; tooBig6: number }> {
  const { stdout } = await namespace.run('cat', ['/proc/net/snmp', '/proc/net/snmp6']);
  const text = stdout.toString();
  const [names = '', values = ''] = text.match(/^Icmp: .*$/gm) ?? [];
  const valueOf = (name: string): number => Number(new RegExp(`^${name}\\s+(\\d+)$`, 'm').exec(text)?.[1]);
  return {
    neighbours: valueOf('Icmp6InNeighborSolicits') + valueOf('Icmp6InNeighborAdvertisements'),
    tooBig4: Number(values.split(' ')[names.split(' ').indexOf('InDestUnreachs')]),
    tooBig6: valueOf('Icmp6InPktTooBigs'),
  };
}

const tally = new Tally();

async function soak(t: TestContext, variant: Variant): Promise<void> {
  const arena = await createArena(t, variant);
  const { fence } = arena.network;
  const flows = await openFlows(t, arena);
  await change(arena, { args: ['refresh', ...policies.both] });
  const traffic = await Traffic.start(arena.network, PAUSE_MILLISECONDS);
  t.after(() => traffic.stop());
  const downloads = await startDownloads(t, arena);
  const before = await countersOf(fence);
  const forgetting = keepForgetting(arena);
  for (let i = 0; i < CHANGES; i++, tally.changes++) {
    const call = changes[i % changes.length] ?? assert.fail();
    if (call.args.length === 1 && call.config === undefined) await arena.sh(damage);
    await change(arena, call);
  }

  const times = await forgetting.stop();
  const totals = await traffic.finish(['home', 'escape'], ['foreign']);
  tally.add(totals);
  assert.ok(totals.perSecond >= 1000, `${totals.perSecond} packets a second`);
  const { count, failures } = JSON.parse(await downloads.finish()) as { count: number; failures: string[] };
  assert.deepEqual(failures, []);
  let lines = 0;
  for (const peer of flows) {
    const result = JSON.parse(await peer.finish()) as { lines: number; missing: number; broken: string[] };
    assert.deepEqual({ missing: result.missing, broken: result.broken }, { missing: 0, broken: [] });
    lines += result.lines;
  }
  const after = await countersOf(fence);
  const neighbours = after.neighbours - before.neighbours;
  assert.ok(neighbours >= times, `${neighbours} words of neighbours, forgotten ${times} times`);
  const [tooBig4, tooBig6] = [after.tooBig4 - before.tooBig4, after.tooBig6 - before.tooBig6];
  assert.ok(
    tooBig4 > times / 4 && tooBig6 > times / 4,
    `${tooBig4} and ${tooBig6} of ${count} were told ${SMALL_MTU}`,
  );
  t.diagnostic(
    `${totals.perSecond} packets a second; ${lines} lines over established connections; ${count} downloads, told ${tooBig4} + ${tooBig6} times to send smaller packets; neighbours forgotten ${times} times, heard ${neighbours} times`,
  );
}

test(
  `not one packet is let in or lost by mistake during ${CHANGES} changes`,
  { skip, concurrency: 2 },
  async (t) => {
    await Promise.all(
      (['nft', 'legacy'] as const).map(
        async (variant) =>
          await t.test(`iptables-${variant}`, async (context) => await soak(context, variant)),
      ),
    );
    tally.assertNoneAmiss();
    t.diagnostic(tally.line());
  },
);
