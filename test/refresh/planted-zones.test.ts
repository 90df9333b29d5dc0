import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { joinZone } from '../../src/cache/metadata.ts';
import { Store } from '../../src/cache/store.ts';
import { ipv4 } from '../../src/ip/family.ts';
import type { Host } from '../helpers/host.ts';
import { startHost } from '../helpers/host.ts';

const ca = { country: 'CA', family: ipv4 };

/** 86 % of IPv4 in /6 networks. */
const nearlyAll = Array.from({ length: 55 }, (_, i) => `${4 * i + 4}.0.0.0/6\n`).join('');

/** Fenced to Canada, with all that is written in the state folder. */
async function fencedHost(t: TestContext): Promise<Host> {
  const host = await startHost(t);
  assert.equal((await host.geofence(['refresh', '--allow', 'CA'])).status, 0);
  assert.equal((await host.geofence(['fetch', '--allow', 'RU'])).status, 0);
  return host;
}

/** What a fetching user that was taken over can do: any text, with any words about it, as the copy before it, too. */
async function plant(host: Host, body: string, facts: object = {}): Promise<void> {
  const metadata = {
    source: 'ipdeny',
    url: 'http://192.0.2.1/ca.zone',
    fetchedAt: new Date().toISOString(),
    networks: 2,
    addresses: 256,
    md5: hash('md5', body),
    sha256: hash('sha256', body),
    ...facts,
  };
  for (const name of ['ca.zone', 'ca.previous'])
    await writeFile(join(host.cache, 'ipv4', name), joinZone(metadata, Buffer.from(body)));
}

const planted = [
  { name: '86 % of IPv4', body: nearlyAll, guard: 'zone-share', says: /it holds 85\.0 % of all IPv4/ },
  {
    name: 'twice as much',
    body: '192.0.2.0/24\n198.51.100.0/24\n',
    guard: 'zone-grew',
    says: /from 256 to 512 addresses, by 100 % \(limit: 50 %\)/,
  },
  {
    name: 'half',
    body: '192.0.2.0/25\n',
    guard: 'zone-shrank',
    says: /from 256 to 128 addresses, by 50 % \(limit: 20 %\)/,
  },
];

for (const { name, body, guard, says } of planted)
  test(`what has privilege does not believe a planted zone: ${name}`, async (t) => {
    const host = await fencedHost(t);
    const before = await host.kernel();
    await plant(host, body);

    for (const args of [
      ['refresh'],
      ['refresh', '--offline'],
      ['refresh', '--offline', '--allow', 'CA,RU'],
    ]) {
      const { status, stderr } = await host.geofence(args);
      assert.match(
        stderr,
        /^geofence: Refusing to apply: zone CA IPv4: the cached copy is not to be believed: /,
      );
      assert.match(stderr, says);
      assert.match(
        stderr,
        new RegExp(`\\(guard ${guard}\\)\\n {2}hint: .* insist with --force ${guard}\\n$`),
      );
      assert.equal(status, 4);
      assert.equal(await host.kernel(), before);
    }
    const plan = await host.geofence(['plan', '--offline']);
    assert.match(
      plan.stdout,
      new RegExp(`^guards +guard ${guard} would refuse: zone CA IPv4: the cached copy is not`, 'm'),
    );
    assert.equal(plan.status, 4);
    const seen = await host.geofence(['status', '--json']);
    const { state, problems } = JSON.parse(seen.stdout) as { state: string; problems: { message: string }[] };
    assert.equal(seen.status, 3);
    assert.equal(state, 'stale');
    assert.deepEqual(problems.length, 1, JSON.stringify(problems));
    assert.match(problems[0]!.message, /^zone CA IPv4: the cached copy is not to be believed: .* stands in$/);

    await host.tool('iptables', '-t', 'mangle', '-F');
    await host.tool('iptables', '-t', 'raw', '-F');
    const restored = await host.geofence(['restore', '--verbose']);
    assert.match(
      restored.stderr,
      /warning: zone CA IPv4: the cached copy is not to be believed: .*stands in\n/,
    );
    assert.equal(restored.status, 0);
    assert.equal(await host.kernel(), before, 'the fence from before stands');

    assert.equal((await host.geofence(['refresh', '--offline', '--force', 'ssh-peer'])).status, 4);
    // What holds nearly all has grown, too.
    const forced = ['--force', guard, '--force', guard === 'zone-share' ? 'zone-grew' : guard];
    assert.equal((await host.geofence(['refresh', '--offline', ...forced])).status, 0);
    assert.notEqual(await host.kernel(), before);
    assert.equal((await host.geofence(['refresh', '--offline'])).status, 0, 'it is the accepted copy now');
    assert.equal((await host.geofence(['status'])).status, 0);
  });

for (const { name, harm } of [
  { name: 'is gone', harm: async (host: Host) => await rm(join(host.cache, 'ipv4'), { recursive: true }) },
  { name: 'is no zone', harm: async (host: Host) => await plant(host, '<html>') },
  {
    name: 'has a line that is none',
    harm: async (host: Host) => await plant(host, '192.0.2.0/24\n0.0.0.0/0\n'),
  },
  {
    name: 'has words that a terminal obeys',
    harm: async (host: Host) => await plant(host, '192.0.2.0/24\n', { source: '\u001b[2J' }),
  },
  {
    name: 'is larger than any zone',
    harm: async (host: Host) => await plant(host, `${'#'.repeat(17 * 2 ** 20)}\n192.0.2.0/24\n`),
  },
])
  test(`restore brings the fence back although the cached zone ${name}`, async (t) => {
    const host = await fencedHost(t);
    const before = await host.inForce();
    await harm(host);
    const refused = await host.geofence(['refresh', '--offline']);
    assert.match(refused.stderr, /^geofence: Cannot use zone CA IPv4: /);
    assert.ok(!refused.stderr.includes('\u001b'));
    assert.equal(refused.status, 1);
    const seen = await host.geofence(['status']);
    assert.equal(seen.status, 3);
    assert.ok(!seen.stdout.includes('\u001b'));
    for (const table of ['mangle', 'raw'])
      for (const tool of ['iptables', 'ip6tables']) await host.tool(tool, '-t', table, '-F');
    assert.equal((await host.geofence(['restore', '--sets-only'])).status, 0);
    const { status, stderr } = await host.geofence(['restore']);
    assert.match(
      stderr,
      /^geofence: warning: zone CA IPv4: .*the copy that was in force before stands in\n$/,
    );
    assert.equal(status, 0);
    assert.equal(await host.inForce(), before);
  });

test('without a copy of its own restore takes the previous one of the cache, by its recorded digest alone', async (t) => {
  const host = await fencedHost(t);
  const before = await host.kernel();
  const good = await readFile(join(host.cache, 'ipv4', 'ca.zone'));
  await plant(host, nearlyAll);
  await rm(join(host.cache, 'state', 'zone-texts.json'));
  await host.tool('iptables', '-t', 'mangle', '-F');
  assert.equal((await host.geofence(['restore'])).status, 4, 'there is nothing to go by');
  await writeFile(join(host.cache, 'ipv4', 'ca.previous'), good);
  assert.equal((await host.geofence(['restore'])).status, 0);
  assert.equal(await host.kernel(), before);
});

test('the first refresh of all has the share of a zone to go by', async (t) => {
  const host = await startHost(t);
  assert.equal((await host.geofence(['fetch', '--allow', 'CA'])).status, 0);
  await plant(host, nearlyAll);
  const { status, stderr } = await host.geofence(['refresh', '--offline', '--allow', 'CA']);
  assert.match(
    stderr,
    /zone CA IPv4: .* it holds 85\.0 % of all IPv4 addresses \(limit: 6\.0 %\) \(guard zone-share\)\n/,
  );
  assert.equal(status, 4);
});

test('a planted zone that claims the listed MD5 is fetched again', async (t) => {
  const host = await fencedHost(t);
  const { body } = await present(host);
  await plant(host, '192.0.2.0/25\n192.0.2.128/26\n', { md5: hash('md5', body) });
  assert.equal((await host.geofence(['refresh', '--max-zone-age', '0'])).status, 0);
  assert.deepEqual((await present(host)).body, body);
});

async function present(host: Host): Promise<{ body: Uint8Array }> {
  const entry = await new Store(host.cache).read(ca);
  assert.ok(entry.state === 'present');
  return entry.zone;
}

test('a second refresh writes no record, and the record names what is in force', async (t) => {
  const host = await fencedHost(t);
  const path = join(host.cache, 'state', 'zones.json');
  const record = await readFile(path, 'utf8');
  const { zones } = JSON.parse(record) as { zones: Record<string, { sha256: string; addresses: number }> };
  assert.deepEqual(Object.keys(zones), ['ipv4/ca', 'ipv6/ca']);
  assert.equal(zones['ipv4/ca']?.addresses, 256);
  assert.equal(zones['ipv4/ca']?.sha256, hash('sha256', (await present(host)).body));
  await rm(join(host.cache, 'state', 'zone-texts.json'));
  assert.equal((await host.geofence(['refresh', '--max-zone-age', '0'])).status, 0);
  assert.equal(await readFile(path, 'utf8'), record);
  await assert.rejects(readFile(join(host.cache, 'state', 'zone-texts.json')), { code: 'ENOENT' });
});
