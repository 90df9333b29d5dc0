import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import type { CachingUser } from '../helpers/caching-user.ts';
import { startCachingUser } from '../helpers/caching-user.ts';
import { cliPath, runProgram } from '../helpers/cli.ts';
import { exportFormats } from '../../src/report/export-formats.ts';

const before = {
  ipv4: { ca: ['192.0.2.0/25', '192.0.2.128/25', '198.51.100.0/25'], ru: ['203.0.113.0/24'] },
  ipv6: { ca: ['2001:db8:ca::/48'], ru: ['2001:db8:7::/48'] },
};
const after = {
  ipv4: { ca: ['192.0.2.0/24', '198.51.100.0/26', '198.51.100.192/26'], ru: ['203.0.113.0/24'] },
  ipv6: { ca: ['2001:db8:ca::/47'], ru: ['2001:db8:7::/48'] },
};

/** Two updates of CA, whose zones changed in between, and one of RU. */
async function setUp(t: TestContext): Promise<CachingUser> {
  const user = await startCachingUser(t, before);
  assert.equal((await user.geofence('fetch', '--allow', 'CA,RU')).exitCode, 0);
  await user.server.update(after);
  const again = ['fetch', '--allow', 'CA,RU', '--max-zone-age', '0', '--force', 'zone-grew'];
  assert.equal((await user.geofence(...again)).exitCode, 0);
  user.server.forget();
  return user;
}

test('geofence zones lists the cached zones, and asks nobody', async (t) => {
  const { cache, server, geofence } = await setUp(t);
  const { exitCode, stdout, stderr } = await geofence('zones');
  assert.deepEqual({ exitCode, stderr }, { exitCode: 0, stderr: '' });
  assert.equal(
    stdout
      .replaceAll(/\d+ seconds?/g, 'AGE')
      .replaceAll(/ +/g, ' ')
      .replaceAll(server.url.slice(7), 'HOST'),
    [
      'zone networks addresses change age source country',
      'CA IPv4 3 384 0 % AGE mirror Canada',
      'CA IPv6 1 2 /48 +100.00 % AGE mirror Canada',
      'RU IPv4 1 256 - AGE mirror Russia',
      'RU IPv6 1 1 /48 - AGE mirror Russia',
      '',
      'IPv4 2 zones, 4 networks, 640 addresses (under 0.01 % of IPv4)',
      'IPv6 2 zones, 2 networks, 3 /48s',
      'from mirror HOST: 4 zones, the oldest AGE old',
      `cache ${cache}`,
      '',
    ].join('\n'),
  );
  assert.deepEqual(server.paths, []);
});

test('whoever reads slowly gets everything', async (t) => {
  const networks = Array.from(
    { length: 20_000 },
    (_, i) => `${20 + (i >> 15)}.${(i >> 7) & 255}.${(i & 127) * 2}.0/24`,
  );
  const user = await startCachingUser(t, { ipv4: { ca: networks }, ipv6: { ca: ['2001:db8:ca::/48'] } });
  assert.equal((await user.geofence('fetch', '--allow', 'CA')).exitCode, 0);
  const { stdout } = await user.geofence('zones', 'export', 'CA');
  assert.ok(stdout.length > 200_000, 'more than a pipe holds');
  const command = [process.execPath, cliPath, 'zones', 'export', 'CA', '--cache-dir', user.cache];
  const slow = await runProgram(['bash', '-c', '"$@" | (sleep 0.5; wc -c)', 'bash', ...command]);
  assert.equal(slow.stdout.trim(), String(stdout.length));
});

test('geofence zones --json tells the same', async (t) => {
  const { cache, server, geofence } = await setUp(t);
  const { cacheDir, zones } = JSON.parse((await geofence('zones', 'ca', '--json')).stdout) as {
    cacheDir: string;
    zones: Record<string, unknown>[];
  };
  assert.equal(cacheDir, cache);
  assert.deepEqual(
    zones.map(({ zone }) => zone),
    ['CA IPv4', 'CA IPv6'],
  );
  const { fetchedAt, ageSeconds, ...facts } = zones[1]!;
  assert.ok(Date.parse(String(fetchedAt)) <= Date.now() && Number(ageSeconds) >= 0);
  assert.deepEqual(facts, {
    zone: 'CA IPv6',
    country: 'CA',
    name: 'Canada',
    family: 'ipv6',
    state: 'present',
    networks: 1,
    addresses: 2 ** 81,
    source: `mirror ${new URL(server.url).host}`,
    url: `${server.url}/ipv6/ipaddresses/blocks/ca.zone`,
    changePercent: 100,
  });
});

test('geofence zones COUNTRIES says of each whether it is cached, damaged, missing or empty', async (t) => {
  const { cache, geofence } = await setUp(t);
  const path = join(cache, 'ipv4', 'ca.zone');
  await writeFile(path, (await readFile(path, 'utf8')).replace('192.0.2.0/24', '192.0.2.0/23'));
  const { exitCode, stdout } = await geofence('zones', 'CA', 'aq fr');
  assert.equal(exitCode, 0);
  const lines = stdout.split('\n');
  assert.deepEqual(lines.slice(1, 4), [
    'AQ IPv4  has no network in any registry',
    'AQ IPv6  has no network in any registry',
    'CA IPv4  DAMAGED: its SHA-256 is not the noted one',
  ]);
  assert.match(lines[4]!, /^CA IPv6 +1 /);
  assert.equal(lines[5], 'FR IPv4  not in the cache');
});

test('geofence zones says of an empty cache how to fill it', async (t) => {
  const { cache, geofence } = await startCachingUser(t, before);
  const { exitCode, stdout } = await geofence('zones');
  assert.equal(exitCode, 0);
  assert.equal(stdout, `zones  none in ${cache}\n       to get some: geofence fetch --allow CA\n`);
});

test('geofence zones does not mind a damaged memory of the policy', async (t) => {
  const { cache, geofence } = await setUp(t);
  await mkdir(join(cache, 'state'), { recursive: true });
  await writeFile(join(cache, 'state', 'policy.json'), '{');
  for (const args of [['zones'], ['zones', 'diff', 'CA'], ['zones', 'export', 'CA']]) {
    const { exitCode, stderr } = await geofence(...args);
    assert.deepEqual({ exitCode, stderr }, { exitCode: 0, stderr: '' });
  }
});

test('geofence zones diff names what was gained and lost, merged', async (t) => {
  const { server, geofence } = await setUp(t);
  const { exitCode, stdout, stderr } = await geofence('zones', 'diff', 'CA,RU');
  assert.deepEqual({ exitCode, stderr }, { exitCode: 0, stderr: '' });
  assert.equal(
    stdout.replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d UTC/g, 'TIME'),
    [
      'CA IPv4  0 %, TIME to TIME',
      'gained   1 network, 64 addresses',
      'lost     1 network, 64 addresses',
      '+198.51.100.192/26',
      '-198.51.100.64/26',
      '',
      'CA IPv6  +100.00 %, TIME to TIME',
      'gained   1 network, 1 /48',
      'lost     nothing',
      '+2001:db8:cb::/48',
      '',
      'RU IPv4  no previous copy; the only one is of TIME',
      '',
      'RU IPv6  no previous copy; the only one is of TIME',
      '',
    ].join('\n'),
  );
  assert.deepEqual(server.paths, []);
});

test('geofence zones diff takes the options of zones wherever they stand', async (t) => {
  const { geofence } = await setUp(t);
  for (const args of [
    ['zones', 'diff', 'CA', '--json'],
    ['zones', '--json', 'diff', 'CA'],
  ]) {
    const { zones } = JSON.parse((await geofence(...args)).stdout) as { zones: Record<string, unknown>[] };
    const { before: was, after: is, ...facts } = zones[0]!;
    assert.deepEqual(
      [was, is].map((copy) => (copy as { addresses: number }).addresses),
      [384, 384],
    );
    assert.deepEqual(facts, {
      zone: 'CA IPv4',
      country: 'CA',
      name: 'Canada',
      family: 'ipv4',
      state: 'changed',
      changePercent: 0,
      gained: { addresses: 64, networks: ['198.51.100.192/26'] },
      lost: { addresses: 64, networks: ['198.51.100.64/26'] },
    });
  }
});

const text = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

test('geofence zones export prints the merged networks of a selection', async (t) => {
  const { server, geofence } = await setUp(t);
  const exported = async (...args: string[]): Promise<string> =>
    (await geofence('zones', 'export', ...args)).stdout;
  const [four, six] = [
    ['192.0.2.0/24', '198.51.100.0/26', '198.51.100.192/26', '203.0.113.0/24'],
    ['2001:db8:7::/48', '2001:db8:ca::/47'],
  ];
  assert.equal(await exported('CA', 'RU'), text([...four, ...six]));
  assert.equal(await exported('ca ru', '--ipv4', '--format', 'cidr'), text(four));
  assert.equal(await exported('--ipv6', '@europe,CA !RU'), '', 'most of Europe is missing');
  assert.equal(await exported('--ipv6', 'CA,RU,!CA'), text(['2001:db8:7::/48']));
  assert.deepEqual(JSON.parse(await exported('RU', '--ipv4', '--json')), { text: '203.0.113.0/24\n' });
  assert.deepEqual(server.paths, []);
});

for (const format of exportFormats.filter((candidate) => candidate !== 'cidr'))
  test(`geofence zones export --format ${format} starts with what it is`, async (t) => {
    const { server, geofence } = await setUp(t);
    const { stdout } = await geofence('zones', 'export', 'CA', '--format', format, '--name', 'us-and_2');
    const today = new Date().toISOString().slice(0, 10);
    const host = new URL(server.url).host;
    assert.equal(stdout.split('\n', 1)[0], `# CA (Canada), IPv4 and IPv6, from mirror ${host}, ${today}`);
    assert.match(stdout, /192\.0\.2\.0\/24[^]*2001:db8:ca::\/47/);
    if (!['nginx', 'haproxy'].includes(format)) assert.match(stdout, /us-and_2/);
  });

test('geofence zones export prints nothing when a zone is missing', async (t) => {
  const { geofence } = await setUp(t);
  assert.deepEqual(await geofence('zones', 'export', 'CA,FR'), {
    exitCode: 1,
    stdout: '',
    stderr:
      'geofence: Cannot use zone FR IPv4, FR IPv6; the first: it is not in the cache\n' +
      '  hint: fetch what is missing with: geofence fetch --allow CA,FR\n',
  });
});

test('geofence zones export warns of an empty list', async (t) => {
  const { geofence } = await setUp(t);
  assert.deepEqual(await geofence('zones', 'export', 'AQ'), {
    exitCode: 0,
    stdout: '',
    stderr: 'geofence: warning: the list is empty: these countries have no network\n',
  });
});

for (const { args, stderr } of [
  { args: ['zones', 'XX'], stderr: /^geofence: Cannot select country "XX" from the command line/ },
  { args: ['zones', 'diff'], stderr: /^geofence: missing required argument 'countries'\n/ },
  { args: ['zones', 'export'], stderr: /^geofence: missing required argument 'countries'\n/ },
  { args: ['zones', 'export', 'CA !CA'], stderr: /^geofence: Cannot select countries "CA !CA": it names no/ },
  { args: ['zones', 'export', 'CA', '--ipv4', '--ipv6'], stderr: /'--ipv4' cannot be used with .*'--ipv6'/ },
  {
    args: ['zones', 'export', 'CA', '--format', 'pdf'],
    stderr: /argument 'pdf' is invalid\. Allowed choices/,
  },
  {
    args: ['zones', 'export', 'CA', '--name', 'INPUT'],
    stderr:
      /^geofence: Cannot use --name "INPUT": expected a lower-case letter, then a-z, 0-9, "-" and "_"\n$/,
  },
])
  test(`geofence ${args.join(' ')} is a usage error`, async (t) => {
    const { geofence } = await startCachingUser(t, before);
    const result = await geofence(...args);
    assert.match(result.stderr, stderr);
    assert.deepEqual([result.exitCode, result.stdout], [2, '']);
  });
