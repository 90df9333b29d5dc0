import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { kernelSkip } from '../helpers/kernel-skip.ts';
import type { Namespace } from '../helpers/netns.ts';
import { links } from '../helpers/network.ts';
import { fenceState } from '../helpers/states.ts';
import { bringAbout } from '../kernel/bring-about.ts';
import { allowFence, createGateway, denyFence, ports, routesFrom, sources } from './gateway.ts';
import type { Probe } from './probes.ts';
import { sendAll, startProbe } from './probes.ts';

const skip = await kernelSkip('nft');
const PORT = '7100';

/** A TCP connection that ends with the test; fails when there is none within five seconds. */
async function connect(t: TestContext, from: Namespace, source: string, to: string): Promise<Probe> {
  const connection = await startProbe(from, 'connection', [source, to, PORT]);
  t.after(connection.stop);
  return connection;
}

async function startEcho(t: TestContext, host: Namespace): Promise<void> {
  const echo = await startProbe(host, 'echo', [PORT]);
  t.after(echo.stop);
}

/** Sends a line and waits for it to come back. */
async function assertAlive({ child, line }: Probe, message: string): Promise<void> {
  child.stdin.write(`${message}\n`);
  assert.equal(await line(), message);
}

for (const [name, options] of [
  // Without local escapes the hosts behind would be denied themselves.
  ['an allow fence', { ...allowFence, escapes: [] }],
  ['a deny fence', { ...denyFence, escapes: [], local: false }],
] as const) {
  test(
    `${name} lets the answers of denied hosts pass, to the host and to those behind it`,
    { skip },
    async (t) => {
      const { client, fence, server, backend } = await createGateway(t, 'nft');
      await bringAbout(backend, fenceState(options));
      await startEcho(t, client);
      for (const from of [fence, server]) {
        for (const to of sources.denied) {
          await assertAlive(await connect(t, from, '', to), `to ${to}`);
        }
      }
    },
  );
}

test('a connection goes on when its source becomes denied, and no new one comes in', { skip }, async (t) => {
  const { client, fence, server, backend } = await createGateway(t, 'nft');
  await bringAbout(backend, fenceState(allowFence));
  await Promise.all([startEcho(t, fence), startEcho(t, server)]);
  const connections: Probe[] = [];
  for (const source of sources.allowed) {
    const family = source.includes(':') ? 'ipv6' : 'ipv4';
    connections.push(await connect(t, client, source, links.fence[family]));
    connections.push(await connect(t, client, source, links.server[family]));
  }
  for (const connection of connections) await assertAlive(connection, 'before');

  await bringAbout(backend, fenceState({ ...allowFence, networks: ['203.0.113.0/24', '2001:db8:f::/48'] }));
  for (const connection of connections) await assertAlive(connection, 'after an update');
  await bringAbout(backend, fenceState({ ...denyFence, networks: ['192.0.2.0/24', '2001:db8:a::/48'] }));
  for (const connection of connections) await assertAlive(connection, 'after a switch');

  const routes = sources.allowed.flatMap((from) => routesFrom(from).slice(0, 1));
  assert.deepEqual(await sendAll(client, [fence], routes), []);
});

/** Answers datagrams to these addresses from the same; prints something when it is ready. */
const answers = (addresses: readonly string[]): string => `
  let left = ${addresses.length};
  for (const address of ${JSON.stringify(addresses)}) {
    const socket = require('node:dgram').createSocket(address.includes(':') ? 'udp6' : 'udp4');
    socket.on('message', (message, from) => socket.send(message, from.port, from.address));
    socket.bind(${PORT}, address, () => --left || console.log('ready'));
  }
`;

/** Sends a datagram to `to`; prints whether it came back within half a second. */
const question = (to: string): string => `
  const socket = require('node:dgram').createSocket('${to.includes(':') ? 'udp6' : 'udp4'}');
  const end = (text) => { console.log(text); process.exit(); };
  socket.on('message', () => end('reply'));
  socket.send('?', ${PORT}, '${to}');
  setTimeout(end, 500, 'silence');
`;

test(
  'the reply of a denied host to what is not tracked is dropped, as the README says; tracked, it passes',
  { skip },
  async (t) => {
    const { client, fence, backend } = await createGateway(t, 'nft');
    await bringAbout(backend, fenceState({ ...allowFence, escapes: [] }));
    const asked = [...sources.allowed, ...sources.denied];
    const server = client.start(process.execPath, ['-e', answers(asked)]);
    t.after(() => server.kill());
    await once(server.stdout, 'data');
    const ask = async (to: string): Promise<string> =>
      (await fence.run(process.execPath, ['-e', question(to)])).stdout.toString().trim();
    for (const to of asked) assert.equal(await ask(to), 'reply', to);
    for (const tool of ['iptables-nft', 'ip6tables-nft'])
      await fence.run(tool, ['-t', 'raw', '-A', 'OUTPUT', '-p', 'udp', '-j', 'CT', '--notrack']);
    for (const to of sources.allowed) assert.equal(await ask(to), 'reply', to);
    for (const to of sources.denied) assert.equal(await ask(to), 'silence', to);
  },
);

test('neighbour discovery and ARP work although every address around is fenced', { skip }, async (t) => {
  const { client, fence, backend } = await createGateway(t, 'nft');
  await bringAbout(backend, fenceState({ ...allowFence, escapes: [], local: false }));
  await startEcho(t, client);
  const forget = async (): Promise<void> => {
    for (const [host, device] of [
      [client, 'c0'],
      [fence, 'f0'],
    ] as const) {
      await host.run('ip', ['neigh', 'flush', 'dev', device]);
    }
  };
  // The client asks for the fence: with its source as the sender, or its link-local address.
  await forget();
  const routes = sources.allowed.flatMap((from) => routesFrom(from).slice(0, 1));
  assert.deepEqual(
    await sendAll(client, [fence], routes),
    sources.allowed.map((source) => `${ports.host} ${source}`),
  );
  // The fence asks for denied hosts and for a router with a local address: the answers come from those.
  for (const to of [...sources.denied, ...sources.local]) {
    await forget();
    await assertAlive(await connect(t, fence, '', to), `to ${to}`);
  }
  const { stdout } = await fence.run('ip', ['-6', 'neigh', 'show', 'dev', 'f0']);
  assert.doesNotMatch(stdout.toString(), /FAILED|INCOMPLETE/);
});
