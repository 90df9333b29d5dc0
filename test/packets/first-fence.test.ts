import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Variant } from '../../src/firewall/variants.ts';
import { Host, startServer } from '../helpers/host.ts';
import { pythonSkip } from '../helpers/kernel-skip.ts';
import type { Network } from '../helpers/network.ts';
import { createNetwork, links } from '../helpers/network.ts';
import { tempDir } from '../helpers/temp-dir.ts';
import type { Probe } from './probes.ts';
import { startProbe } from './probes.ts';
import type { RawPacket } from './raw-sender.ts';
import { macOf, startRawSender } from './raw-sender.ts';

/** In Russia by the zones of the test, and so kept out of a fence for Canada. */
const denied = { ipv4: '203.0.113.10', ipv6: '2001:db8:7::10' } as const;
const familyNames = ['ipv4', 'ipv6'] as const;
/** A service on every address, and one on a single address of each family. */
const PORTS = { any: '7100', ipv4: '7101', ipv6: '7102' } as const;

/** In seconds: above what a refresh takes on a busy machine. */
const LONGEST_SILENCE = '15';

interface Place {
  readonly network: Network;
  readonly host: Host;
}

/** Three hosts, of which none has ever tracked a connection. */
async function createPlace(t: TestContext, variant: Variant, loose: number): Promise<Place> {
  const dir = await tempDir(t);
  const network = await createNetwork(Object.values(denied));
  t.after(network.close);
  const { fence, client, server } = network;
  await fence.run('sh', ['-c', `echo ${loose} >/proc/sys/net/netfilter/nf_conntrack_tcp_loose`]);
  const host = new Host(fence, dir, await startServer(t, fence, dir));
  await host.configure(`sources = ["ipdeny"]\niptables = "${variant}"\n`);
  for (const place of [fence, client, server]) await start(t, place, 'echo', [PORTS.any]);
  for (const family of familyNames) await start(t, fence, 'echo', [PORTS[family], links.fence[family]]);
  return { network, host };
}

async function start(t: TestContext, ...args: Parameters<typeof startProbe>): Promise<Probe> {
  const probe = await startProbe(...args);
  t.after(probe.stop);
  return probe;
}

/** Connections with the denied, by what they are, in both families. */
async function connectAll(t: TestContext, { network }: Place): Promise<Map<string, Probe>> {
  const { client, fence, server } = network;
  const wanted = familyNames.flatMap((family) => {
    const from = denied[family];
    return (
      [
        ['to the host', client, [from, links.fence[family], PORTS.any]],
        ['to its one address', client, [from, links.fence[family], PORTS[family]]],
        ['from the host', fence, ['', from, PORTS.any]],
        ['to a server behind', client, [from, links.server[family], PORTS.any]],
        ['from a server behind', server, ['', from, PORTS.any]],
      ] as const
    ).map(([name, place, args]) => [`${family} ${name}`, place, [...args, LONGEST_SILENCE]] as const);
  });
  return new Map(
    await Promise.all(
      wanted.map(async ([name, place, args]) => [name, await start(t, place, 'connection', args)] as const),
    ),
  );
}

async function isAlive({ child, line }: Probe): Promise<boolean> {
  child.stdin.write('x\n');
  return await line().then(
    (answer) => answer === 'x',
    () => false,
  );
}

/** Sends a line after the other over each connection; returns those that broke, once told to stop. */
function keepTalking(connections: ReadonlyMap<string, Probe>): { stop: () => Promise<string[]> } {
  const told = new AbortController();
  const talk = async ([name, probe]: [string, Probe]): Promise<string[]> => {
    while (!told.signal.aborted) {
      if (!(await isAlive(probe))) return [name];
      await sleep(20);
    }
    return [];
  };
  const ends = [...connections].map(talk);
  return {
    stop: async () => {
      told.abort();
      return (await Promise.all(ends)).flat();
    },
  };
}

const broken = async (connections: ReadonlyMap<string, Probe>): Promise<string[]> => {
  const answers = await Promise.all(
    [...connections].map(async ([name, probe]) => ((await isAlive(probe)) ? [] : [name])),
  );
  return answers.flat();
};

/** What the kernel does by itself in the end. */
const endGrace = async ({ network: { fence } }: Place): Promise<void> =>
  void (await fence.run('ipset', ['restore'], { input: 'flush geofence-grace-4\nflush geofence-grace-6\n' }));

const behind = (connections: ReadonlyMap<string, Probe>): Map<string, Probe> =>
  new Map([...connections].filter(([name]) => name.endsWith('behind')));

async function geofence({ host }: Place, ...args: string[]): Promise<void> {
  const { status, stderr } = await host.geofence(args);
  assert.equal(status, 0, stderr);
}

for (const variant of ['nft', 'legacy'] as const) {
  const skip = await pythonSkip(variant);
  for (const loose of [0, 1]) {
    test(
      `iptables-${variant}, tcp_loose ${loose}: a first fence, and one after "remove", cut nobody off`,
      { skip },
      async (t) => {
        const place = await createPlace(t, variant, loose);
        const [busy, idle] = [await connectAll(t, place), await connectAll(t, place)];
        for (const round of ['first', 'after remove']) {
          const talk = keepTalking(busy);
          await geofence(place, 'refresh', '--allow', 'CA');
          await sleep(300);
          assert.deepEqual(await talk.stop(), [], `${round}: busy`);
          assert.deepEqual(await broken(behind(idle)), [], `${round}: idle until now, behind`);
          await endGrace(place);
          assert.deepEqual(await broken(idle), [], `${round}: idle`);
          await geofence(place, 'remove');
          assert.deepEqual(await broken(busy), [], `${round}: removed`);
        }
      },
    );
  }
}

const flagsOfScans = [['ACK'], ['FIN'], ['FIN', 'PSH', 'URG'], ['SYN', 'ACK'], ['RST'], []] as const;
/** None that a connection of the test could have. */
const [FIRST_PORT, LAST_PORT] = [20_000, 20_999];

/** Scans by the denied: packets of any kind but SYN to services on any address, on one, and to a closed port. */
const scans: readonly RawPacket[] = familyNames.flatMap((family) =>
  [PORTS.any, PORTS[family], '7999'].flatMap((port, i) =>
    flagsOfScans.map((flags, k) => ({
      protocol: 'tcp' as const,
      from: denied[family],
      to: links.fence[family],
      hops: 64,
      ports: [FIRST_PORT + 10 * i + k, Number(port)] as const,
      flags,
    })),
  ),
);

/** As many packets, each from another port of the denied, to the service on one address. */
const flood: readonly RawPacket[] = familyNames.flatMap((family) =>
  Array.from({ length: LAST_PORT - FIRST_PORT - 99 }, (_, i) => ({
    protocol: 'tcp' as const,
    from: denied[family],
    to: links.fence[family],
    hops: 64,
    ports: [FIRST_PORT + 100 + i, Number(PORTS[family])] as const,
    flags: ['ACK'] as const,
  })),
);

interface Watched extends Place {
  /** Sends packets; returns how many came past the fence, and how many connections more the kernel knows. */
  readonly send: (packets: readonly RawPacket[]) => Promise<{ arrived: number; tracked: number }>;
}

async function createWatched(t: TestContext, variant: Variant, loose: number): Promise<Watched> {
  const place = await createPlace(t, variant, loose);
  const { client, fence } = place.network;
  const tools = [`iptables-${variant}`, `ip6tables-${variant}`];
  const rule = `-A INPUT -p tcp -m tcp --sport ${FIRST_PORT}:${LAST_PORT}`;
  for (const tool of tools)
    await fence.run(`${tool}-restore`, ['--noflush'], { input: `*mangle\n${rule}\nCOMMIT\n` });
  const sender = await startRawSender(client, 'c0', [await macOf(fence, 'f0'), await macOf(client, 'c0')]);
  t.after(sender.stop);
  const look = async (): Promise<{ arrived: number; tracked: number }> => {
    const saved = await Promise.all(
      tools.map(async (tool) => await fence.run(`${tool}-save`, ['-c', '-t', 'mangle'])),
    );
    const counts = saved.map(({ stdout }) =>
      Number(/\[(\d+):\d+\] -A INPUT -p tcp/.exec(stdout.toString())?.[1]),
    );
    const { stdout } = await fence.run('cat', ['/proc/sys/net/netfilter/nf_conntrack_count']);
    return { arrived: counts.reduce((sum, count) => sum + count, 0), tracked: Number(stdout) };
  };
  const send: Watched['send'] = async (packets) => {
    const before = await look();
    await sender.send(packets);
    const after = await look();
    return { arrived: after.arrived - before.arrived, tracked: after.tracked - before.tracked };
  };
  return { ...place, send };
}

for (const variant of ['nft', 'legacy'] as const) {
  test(
    `iptables-${variant}: beside connections that were open a fence lets in no scan and tracks no flood`,
    { skip: await pythonSkip(variant) },
    async (t) => {
      const place = await createWatched(t, variant, 1);
      const { fence } = place.network;
      assert.deepEqual(await place.send(scans), { arrived: scans.length, tracked: 0 }, 'without a fence');
      const open = await connectAll(t, place);
      await geofence(place, 'refresh', '--allow', 'CA');
      const { stdout } = await fence.run('ipset', ['save']);
      const seconds = [...stdout.toString().matchAll(/^add geofence-grace-\S+ \S+ timeout (\d+)$/gm)];
      assert.equal(seconds.length, 4);
      for (const [, left] of seconds) assert.ok(Number(left) <= 60, left);

      const syns = scans.map((packet) => ({ ...packet, flags: ['SYN'] as const }));
      assert.deepEqual(
        await place.send(syns),
        { arrived: 0, tracked: 0 },
        'no connection begins in the grace',
      );
      // Nobody can list the connections of machines behind: those that say nothing in time are not known.
      assert.deepEqual(await broken(behind(open)), []);
      await endGrace(place);
      assert.deepEqual(await place.send(scans), { arrived: 0, tracked: 0 });
      assert.deepEqual(await place.send(flood), { arrived: 0, tracked: 0 });
      assert.deepEqual(await broken(open), []);
      assert.match((await place.host.geofence(['status'])).stdout, /^state +up/);

      // The simple rule would: whoever asks finds a service on one address.
      for (const tool of [`iptables-${variant}`, `ip6tables-${variant}`]) {
        const input = '*mangle\n-I GEOFENCE 1 -p tcp ! --syn -m socket -j RETURN\nCOMMIT\n';
        await fence.run(`${tool}-restore`, ['--noflush'], { input });
      }
      const { arrived } = await place.send(scans);
      assert.ok(arrived > 0 && arrived < scans.length, `${arrived} of ${scans.length}`);
    },
  );
}
