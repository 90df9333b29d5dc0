import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import type { Host } from '../helpers/host.ts';
import { startHost } from '../helpers/host.ts';
import { kernelSkip } from '../helpers/kernel-skip.ts';

const skip = await kernelSkip('nft');

/** A server on every address, and a connection from each of these to it. */
const serviceScript = (port: number, peers: readonly string[]): string => `
  const net = require('node:net');
  const peers = ${JSON.stringify(peers)};
  let open = 0;
  const server = net.createServer((socket) => { socket.on('error', () => {}); if (++open === peers.length) console.log('open'); });
  server.listen(${port}, '::', () => {
    for (const peer of peers) net.connect({ port: ${port}, host: peer, localAddress: peer });
  });
`;

async function connect(t: TestContext, host: Host, port: number, peers: readonly string[]): Promise<void> {
  for (const peer of peers) {
    const family = peer.includes(':') ? ['nodad'] : [];
    await host.tool('ip', 'address', 'add', peer, 'dev', 'lo', ...family);
  }
  const service = host.namespace.start(process.execPath, ['-e', serviceScript(port, peers)]);
  t.after(() => service.kill());
  await once(service.stdout, 'data');
}

const tooWide = (text: string): string[] => text.split('\n').filter((line) => line.length > 80);

interface PlanAnswer {
  readonly difference: {
    readonly family: string;
    readonly gained: {
      readonly addresses: number;
      readonly countries: unknown[];
      readonly largest: unknown[];
    };
    readonly lost: { readonly addresses: number; readonly countries: unknown[]; readonly largest: unknown[] };
  }[];
  readonly cutOff: unknown[];
  readonly refusals: { readonly guard: string }[];
  readonly changes: readonly string[];
}

test('geofence plan says who gets in and who is shut out', { skip }, async (t) => {
  const host = await startHost(t);
  await host.geofence(['fetch', '--allow', 'CA,RU']);
  const first = await host.geofence(['plan', '--allow', 'CA']);
  assert.match(first.stdout, /\nnow +no fence: everybody gets in\nshut out +IPv4: 3,702,259,200 addresses/);
  assert.match(first.stdout, /\nguards +none refuses\nto do +create set/);
  assert.deepEqual([first.status, first.stderr], [0, '']);
  await host.geofence(['refresh', '--allow', 'CA']);
  const before = await host.kernel();
  const { status, stdout } = await host.geofence([
    'plan',
    '--allow',
    'RU',
    '--allow-subnet',
    '192.0.2.128/25',
  ]);
  assert.match(
    stdout,
    new RegExp(
      [
        'gets in +IPv4: 256 addresses \\(under 0\\.01 % of IPv4\\)',
        ' +RU \\(Russia\\) 256',
        ' +as: 203\\.0\\.113\\.0/24 RU',
        ' +IPv6: 1 /48',
        ' +RU \\(Russia\\) 1',
        ' +as: 2001:db8:7::/48 RU',
        'shut out +IPv4: 128 addresses \\(under 0\\.01 % of IPv4\\)',
        ' +CA \\(Canada\\) 128',
        ' +as: 192\\.0\\.2\\.0/25 CA',
        ' +IPv6: 1 /48',
        ' +CA \\(Canada\\) 1',
        ' +as: 2001:db8:ca::/48 CA',
        'guards +none refuses',
        'to do ',
      ].join('\n'),
    ),
  );
  assert.equal(status, 0);
  assert.deepEqual(tooWide(first.stdout + stdout), []);
  const deny = await host.geofence(['plan', '--deny', 'RU', '--json']);
  const { difference } = JSON.parse(deny.stdout) as PlanAnswer;
  assert.deepEqual(
    difference.map(({ family, lost }) => [family, lost.addresses]),
    [
      ['ipv4', 0],
      ['ipv6', 0],
    ],
    'Russia was shut out before',
  );
  assert.equal(await host.kernel(), before);
  const same = await host.geofence(['plan']);
  assert.match(same.stdout, /\nto do +nothing, the fence is as it should be\n$/);
  assert.doesNotMatch(same.stdout, /gets in|shut out|guards/);
  const logged = await host.geofence(['plan', '--allow', 'CA', '--log-drops']);
  assert.match(logged.stdout, /\npeople +the same get in as now\n/);
});

test('geofence plan names connected peers that could not connect again', { skip }, async (t) => {
  const host = await startHost(t);
  await host.geofence(['fetch', '--allow', 'CA,RU']);
  await connect(t, host, 8080, ['203.0.113.5', '192.0.2.9', '2001:db8:7::5', '127.0.0.1']);
  const { status, stdout, stderr } = await host.geofence(['plan', '--allow', 'CA', '--no-local']);
  assert.match(
    stdout,
    /\ncut off +2 connected peers, which go on until the connection ends, but could\n +not connect again:\n +2001:db8:7::5 on port 8080, RU \(Russia\)\n +203\.0\.113\.5 on port 8080, RU \(Russia\)\n/,
  );
  assert.deepEqual([status, stderr], [0, ''], 'no guard asks after other services than SSH');
  const json = await host.geofence(['plan', '--allow', 'CA', '--json']);
  assert.deepEqual((JSON.parse(json.stdout) as PlanAnswer).cutOff, [
    { address: '2001:db8:7::5', port: 8080, country: 'RU' },
    { address: '203.0.113.5', port: 8080, country: 'RU' },
  ]);
  const allowed = await host.geofence(['plan', '--allow', 'CA,RU']);
  assert.doesNotMatch(allowed.stdout, /cut off/);
});

test('geofence plan counts the peers beyond ten', { skip }, async (t) => {
  const host = await startHost(t);
  const peers = Array.from({ length: 13 }, (_, i) => `203.0.113.${i + 1}`);
  await connect(t, host, 8080, peers);
  const { stdout } = await host.geofence(['plan', '--allow', 'CA']);
  assert.equal(stdout.match(/on port 8080, in no cached zone\n/g)?.length, 10);
  assert.match(stdout, /\ncut off +13 connected peers[^]*\n +and 3 more\nguards/);
});

test('geofence plan shows a refusal of a guard with the whole plan, exit code 4', { skip }, async (t) => {
  const host = await startHost(t);
  await connect(t, host, 22, ['203.0.113.5']);
  for (const args of [
    ['plan', '--allow', 'CA'],
    ['refresh', '--dry-run', '--allow', 'CA'],
  ]) {
    const { status, stdout, stderr } = await host.geofence(args);
    assert.match(
      stdout,
      /\nguards +guard ssh-peer would refuse: an SSH session is open from 203\.0\.113\.5,/,
    );
    assert.match(stdout, /--force\n? *ssh-peer/);
    assert.match(stdout, /\nto do +create set geofence-main-allow-4 with 11 networks\n/);
    assert.deepEqual([status, stderr], [4, '']);
    assert.deepEqual(tooWide(stdout), []);
  }
  const json = await host.geofence(['plan', '--allow', 'CA', '--json']);
  assert.deepEqual(
    (JSON.parse(json.stdout) as PlanAnswer).refusals.map(({ guard }) => guard),
    ['ssh-peer'],
  );
  assert.equal(json.status, 4);
  const script = await host.geofence(['plan', '--allow', 'CA', '--script']);
  assert.deepEqual([script.status, script.stdout], [4, ''], 'no script that must not be run');
  assert.match(script.stderr, /^geofence: Refusing to apply: an SSH session is open from 203\.0\.113\.5/);
  const forced = await host.geofence(['plan', '--allow', 'CA', '--force', 'ssh-peer']);
  assert.match(forced.stdout, /\nguards +none refuses\n/);
  assert.equal(forced.status, 0);
});
