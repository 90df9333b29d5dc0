import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FencedHost } from '../helpers/fenced-host.ts';
import { startFencedHost } from '../helpers/fenced-host.ts';

/** In Russia by the zones of the test, which the fence of the test keeps out. */
const DENIED = '203.0.113.1';

/** Whether the kernel lets a visitor in, by `geofence check`. */
async function getsIn(host: FencedHost, port: string, address = DENIED): Promise<boolean> {
  const { stdout } = await host.geofence('check', '--json', '--port', port, address);
  const { addresses } = JSON.parse(stdout) as { addresses: { kernel: { passes: boolean } }[] };
  return addresses[0]?.kernel.passes === true;
}

async function good(host: FencedHost, ...args: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await host.geofence(...args);
  assert.deepEqual([exitCode, stderr], [0, ''], args.join(' '));
  return stdout;
}

const setsOf = async ({ kernel }: FencedHost): Promise<string> =>
  (await kernel.run('ipset', ['list', '-n'])).stdout.toString();

test('open lets everybody reach a port of one protocol until it is closed, early and late', async (t) => {
  for (const early of ['true', 'false']) {
    const host = await startFencedHost(t);
    await host.configure(`early_drop = ${early}`);
    await good(host, 'refresh', '--allow', 'CA');
    assert.equal(await getsIn(host, 'tcp/80'), false);
    const said = await good(host, 'open', 'tcp/80,tcp/8000-8010', '--for', '10m');
    assert.match(
      said,
      /^open {2}tcp\/80 and tcp\/8000-8010 open to everybody until \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\n.*connections that came in until then go on\n$/,
    );
    for (const port of ['tcp/80', 'tcp/8005']) assert.equal(await getsIn(host, port), true, port);
    for (const port of ['tcp/81', 'udp/80']) assert.equal(await getsIn(host, port), false, port);
    assert.match(await good(host, 'close', 'tcp/80'), /^done {2}closed/);
    assert.equal(await getsIn(host, 'tcp/80'), false);
    assert.equal(await getsIn(host, 'tcp/8005'), true);
    await good(host, 'close', '--all');
    assert.equal(await getsIn(host, 'tcp/8005'), false);
  }
});

test('open all, and for one visitor alone', async (t) => {
  const host = await startFencedHost(t);
  await good(host, 'open', '--from', DENIED, '--for', '1h');
  assert.equal(await getsIn(host, 'udp/53'), true);
  assert.equal(await getsIn(host, 'tcp/22', '203.0.113.2'), false);
  await good(host, 'open', 'all', '--for', '1h');
  assert.equal(await getsIn(host, 'tcp/22', '203.0.113.2'), true);
  const status = await good(host, 'status');
  assert.match(
    status,
    /\nholes +every port open to everybody until .*\n +everything open to 203\.0\.113\.1 until/,
  );
  await good(host, 'close', '--from', DENIED);
  await good(host, 'close', 'all');
  assert.doesNotMatch(await good(host, 'status'), /holes/);
  assert.equal(await getsIn(host, 'udp/53'), false);
});

test('what is open is no drift, outlives refresh, restore and rollback, and is told by status', async (t) => {
  const host = await startFencedHost(t);
  await good(host, 'open', 'tcp/80', 'udp/53', '--for', '10m');
  assert.match(
    await good(host, 'status', '--check'),
    /^OK: .*, tcp\/80 and udp\/53 open to everybody until /,
  );
  const { holes } = JSON.parse(await good(host, 'status', '--json')) as {
    holes: { port: string; from: null; until: string }[];
  };
  assert.deepEqual(
    holes.map(({ port, from }) => [port, from]),
    [
      ['tcp/80', null],
      ['udp/53', null],
    ],
  );
  assert.ok(Math.abs(Date.parse(holes[0]!.until) - Date.now() - 600_000) < 5000);
  for (const args of [['refresh'], ['refresh', '--deny', 'RU'], ['restore'], ['rollback']]) {
    await good(host, ...args);
    assert.equal(await getsIn(host, 'tcp/80'), true, args.join(' '));
    await good(host, 'status');
  }
});

test('the first hole makes sets and rules, and a refresh after the last takes them away', async (t) => {
  const host = await startFencedHost(t);
  const before = await setsOf(host);
  assert.doesNotMatch(before, /hole/);
  await good(host, 'open', 'tcp/80', '--for', '10m');
  assert.equal((await setsOf(host)).match(/geofence-hole-/g)?.length, 4);
  await good(host, 'close', 'tcp/80');
  await good(host, 'status');
  await good(host, 'refresh');
  assert.equal(await setsOf(host), before);
  assert.match(await good(host, 'close', 'tcp/80'), /^done {2}nothing, no hole was open\n$/);
});

test('open is refused without a fence, an end or a port, and for a time that the kernel does not take', async (t) => {
  const host = await startFencedHost(t);
  for (const [args, told] of [
    [['tcp/80'], /Cannot tell for how long to open it/],
    [['--for', '10m'], /Cannot tell what to open/],
    [['tcp/80', '--for', '10'], /Cannot use --for "10": expected a time/],
    [['tcp/80', '--for', '0s'], /Cannot use --for "0s": expected a time/],
    [['tcp/80', '--for', '25d'], /the kernel takes 2147483s \(24 days\) at most/],
    [['80', '--for', '1h'], /it names no protocol/],
    [['tcp/80', '--from', DENIED, '--for', '1h'], /a visitor gets in everywhere, or nowhere/],
    [['--from', 'RU', '--for', '1h'], /Cannot use --from "RU": expected an IPv4 or IPv6 address/],
  ] as const) {
    const { exitCode, stderr } = await host.geofence('open', ...args);
    assert.match(stderr, told);
    assert.equal(exitCode, 2, stderr);
  }
  await good(host, 'remove');
  const { exitCode, stderr } = await host.geofence('open', 'tcp/80', '--for', '10m');
  assert.match(stderr, /Cannot open a hole: nothing is fenced/);
  assert.equal(exitCode, 1);
  assert.doesNotMatch(await setsOf(host), /hole/);
});

test('open with a command closes at its end and gives its exit code, also when it fails', async (t) => {
  const host = await startFencedHost(t);
  for (const fate of ['ends', 'fails'] as const) {
    let wasOpen = false;
    const seen: string[] = [];
    const { exitCode, stdout, stderr } = await host.call(
      ['open', 'tcp/80', '--', 'certbot', 'renew', '--quiet', '--', 'x'],
      {
        runCommand: async (command) => {
          seen.push(...command);
          wasOpen = await getsIn(host, 'tcp/80');
          if (fate === 'fails') throw new Error('no such thing');
          return 7;
        },
      },
    );
    assert.deepEqual(seen, ['certbot', 'renew', '--quiet', '--', 'x']);
    assert.equal(wasOpen, true);
    assert.equal(stdout, '');
    if (fate === 'ends') assert.equal(exitCode, 7, stderr);
    assert.equal(await getsIn(host, 'tcp/80'), false);
  }
});

test('a command does not close what was open before it', async (t) => {
  const host = await startFencedHost(t);
  await good(host, 'open', 'tcp/80', '--for', '2h');
  await host.call(['open', 'tcp/80', 'tcp/81', '--for', '1s', '--', 'true'], {
    runCommand: () => Promise.resolve(0),
  });
  assert.equal(await getsIn(host, 'tcp/80'), true);
  assert.equal(await getsIn(host, 'tcp/81'), false);
  const { holes } = JSON.parse(await good(host, 'status', '--json')) as { holes: { until: string }[] };
  assert.ok(Math.abs(Date.parse(holes[0]!.until) - Date.now() - 7_200_000) < 5000);
});

test('history tells what was opened and closed', async (t) => {
  const host = await startFencedHost(t);
  await good(host, 'open', 'tcp/80', '--for', '10m');
  await good(host, 'close', 'tcp/80');
  const told = await good(host, 'history');
  assert.match(told, /geofence open tcp\/80 --for 10m|open tcp\/80 --for 10m/);
  assert.match(told, /add 80 to set geofence-hole-tcp/);
  assert.match(told, /remove 80 from set geofence-hole-tcp/);
});

test('check tells the ports that are open beside the rest, and no contradiction to the policy', async (t) => {
  const host = await startFencedHost(t);
  await good(host, 'open', 'tcp/80', '--for', '10m');
  const told = await good(host, 'check', DENIED);
  assert.match(told, /^203\.0\.113\.1 {2}passes to some ports, and is dropped at others\n/);
  assert.match(
    told,
    /where +tcp\/80, open for (?:9|10) minutes more: passes\n +everything else: is dropped\n/,
  );
  for (const port of ['tcp/80', 'tcp/81'])
    assert.match(await good(host, 'check', '--port', port, DENIED), /policy +says the same\n/);
  await good(host, 'open', '--from', DENIED, '--for', '10m');
  assert.match(await good(host, 'check', DENIED), /203\.0\.113\.1\/32 is in\s+geofence-hole-from-4/);
});
