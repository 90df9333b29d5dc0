import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { kernelSkip } from '../helpers/kernel-skip.ts';
import type { Namespace } from '../helpers/netns.ts';
import { links } from '../helpers/network.ts';
import type { Arena, Variant } from '../soak/arena.ts';
import { createArena } from '../soak/arena.ts';
import { sources } from '../soak/world.ts';

/** Services of the host: SSH, the web, a camera, and one that no fence names. */
const services = [22, 80, 443, 554, 8080];

const canada = Object.values(sources.home);
const russia = Object.values(sources.foreign);
const netherlands = Object.values(sources.nobody);
/** Dutch, too, but behind the host, where the others are outside. */
const inside = ['203.0.113.99', '2001:db8:f::99'];

const listenTo = (ports: readonly number[]): string => `
  let left = ${ports.length};
  for (const port of ${JSON.stringify(ports)})
    require('node:net').createServer((socket) => socket.on('error', () => {}).end())
      .listen(port, '::', () => --left || console.log('ready'));
`;

interface Call {
  readonly from: string;
  readonly port: number;
}

/** Opens a TCP connection for each call, all at once; prints those that come about within a second. */
const dial = (calls: readonly Call[]): string => `
  const calls = ${JSON.stringify(calls)};
  const hosts = ${JSON.stringify(links.fence)};
  Promise.all(calls.map((call) => new Promise((done) => {
    const host = call.from.includes(':') ? hosts.ipv6 : hosts.ipv4;
    const socket = require('node:net').connect({ host, port: call.port, localAddress: call.from });
    socket.on('connect', () => done([call])).on('error', () => done([])).setTimeout(1000, () => done([]));
  }))).then((all) => { console.log(JSON.stringify(all.flat())); process.exit(); });
`;

interface Town extends Arena {
  /** To which services of the host an address of each pair gets in, from outside unless somebody else is named. */
  readonly reached: (pair: readonly string[], from?: Namespace) => Promise<number[]>;
  /** Runs commands as they are typed, which have to succeed. */
  readonly type: (...commands: string[]) => Promise<void>;
}

/** Nothing, or that the others let nobody in whom "noru" keeps out, as at the end of a story. */
const idleDenial = /^(?:geofence: warning: fence "noru" keeps nobody out: [^\n]+\n)?$/;

/** A host that offers services, with somebody outside and somebody behind it. */
async function createTown(t: TestContext, variant: Variant): Promise<Town> {
  const arena = await createArena(t, variant);
  const { client, fence, server } = arena.network;
  for (const [i, address] of inside.entries()) {
    await server.run('ip', ['address', 'add', address, 'dev', 's0', ...(i === 0 ? [] : ['nodad'])]);
    await fence.run('ip', ['route', 'add', address, 'dev', 'f1']);
  }
  const listener = fence.start(process.execPath, ['-e', listenTo(services)]);
  t.after(() => listener.kill());
  await once(listener.stdout, 'data');
  const reached = async (pair: readonly string[], from = client): Promise<number[]> => {
    const calls = pair.flatMap((address) => services.map((port) => ({ from: address, port })));
    const { stdout } = await from.run(process.execPath, ['-e', dial(calls)]);
    const open = JSON.parse(stdout.toString()) as Call[];
    const [first = [], second] = pair.map((address) =>
      open.filter((call) => call.from === address).map(({ port }) => port),
    );
    assert.deepEqual(first, second, `${pair.join()}: both families alike`);
    return first;
  };
  const type = async (...commands: string[]): Promise<void> => {
    for (const command of commands) {
      const { status, stderr } = await arena.geofence({ args: command.split(' ').slice(1) });
      assert.equal(status, 0, command);
      assert.match(stderr, idleDenial, command);
    }
    const { status, stdout } = await arena.geofence({ args: ['status'] });
    assert.equal(status, 0, stdout);
  };
  return Object.assign(arena, { reached, type });
}

for (const variant of ['nft', 'legacy'] as const) {
  const skip = await kernelSkip(variant);

  test(
    `iptables-${variant}: SSH for one country, the web for all, and one country nowhere`,
    { skip },
    async (t) => {
      const { reached, type } = await createTown(t, variant);
      assert.deepEqual(await reached(russia), services, 'without a fence');
      await type('geofence refresh --allow CA --ports ssh');
      const butSsh = services.filter((port) => port !== 22);
      assert.deepEqual(
        [await reached(canada), await reached(russia), await reached(netherlands)],
        [services, butSsh, butSsh],
        'a fence for SSH is for SSH alone',
      );
      // Of the rest of the host now, too; the web stays open.
      await type('geofence fence add web --allow * --ports web', 'geofence refresh --allow CA');
      assert.deepEqual(
        [await reached(canada), await reached(russia), await reached(netherlands)],
        [services, [80, 443], [80, 443]],
      );
      await type('geofence fence add noru --deny RU');
      assert.deepEqual(
        [await reached(canada), await reached(russia), await reached(netherlands)],
        [services, [], [80, 443]],
        'whom a deny fence names gets in nowhere, also where all others do',
      );
      await type('geofence fence set noru --preview');
      assert.deepEqual(await reached(russia), [80, 443], 'a preview drops nothing');
      await type('geofence fence set noru --enforce --ports tcp/80', 'geofence fence remove web');
      assert.deepEqual([await reached(canada), await reached(netherlands)], [services, []]);
    },
  );

  test(
    `iptables-${variant}: a camera for one country, on the interface that leads outside`,
    { skip },
    async (t) => {
      const { network, reached, type } = await createTown(t, variant);
      const { server } = network;
      await type('geofence fence add cameras --allow CA --ports tcp/554 --interfaces f0');
      const butCamera = services.filter((port) => port !== 554);
      assert.deepEqual(
        [await reached(canada), await reached(netherlands), await reached(inside, server)],
        [services, butCamera, services],
      );
      await type('geofence fence set cameras --interfaces !f0');
      assert.deepEqual(
        [await reached(netherlands), await reached(inside, server)],
        [services, butCamera],
        'on all others',
      );
      await type('geofence fence set cameras --interfaces f*');
      assert.deepEqual([await reached(netherlands), await reached(inside, server)], [butCamera, butCamera]);
    },
  );
}
