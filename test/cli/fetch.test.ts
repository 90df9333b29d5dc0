import assert from 'node:assert/strict';
import { readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import type { CachingUser } from '../helpers/caching-user.ts';
import { startCachingUser } from '../helpers/caching-user.ts';
import { faults } from '../helpers/faults.ts';

const zones = {
  ipv4: { ca: ['192.0.2.0/25', '192.0.2.128/25', '198.51.100.0/24'], ru: ['203.0.113.0/24'] },
  ipv6: { ca: ['2001:db8:ca::/48'], ru: ['2001:db8:7::/48'] },
};

const setUp = async (t: TestContext): Promise<CachingUser> => await startCachingUser(t, zones);

test('geofence fetch fills the cache and says nothing without a terminal', async (t) => {
  const { cache, geofence } = await setUp(t);
  assert.deepEqual(await geofence('fetch', '--allow', 'CA'), { exitCode: 0, stdout: '', stderr: '' });
  assert.deepEqual(await readdir(join(cache, 'ipv4')), ['ca.zone']);
  assert.deepEqual(await readdir(join(cache, 'ipv6')), ['ca.zone']);
  const text = await readFile(join(cache, 'ipv4', 'ca.zone'), 'utf8');
  assert.match(text, /^# geofence \{.*"source":"mirror 127\.0\.0\.1:\d+".*\}\n192\.0\.2\.0\/25\n/);
});

test('geofence fetch asks nobody while the zones are young enough', async (t) => {
  const { server, geofence } = await setUp(t);
  await geofence('fetch', '--allow', 'CA');
  server.forget();
  assert.equal((await geofence('fetch', '--allow', 'CA')).exitCode, 0);
  assert.deepEqual(server.paths, []);
});

test('geofence fetch asks only for MD5SUM when old zones have not changed', async (t) => {
  const { server, geofence } = await setUp(t);
  await geofence('fetch', '--allow', 'CA');
  server.forget();
  const { stdout } = await geofence('fetch', '--allow', 'CA', '--max-zone-age', '0', '--json');
  assert.deepEqual(server.paths.sort(), [
    '/ipblocks/data/countries/MD5SUM',
    '/ipv6/ipaddresses/blocks/MD5SUM',
  ]);
  const { zones: results } = JSON.parse(stdout) as { zones: { zone: string; state: string }[] };
  assert.deepEqual(
    results.map(({ zone, state }) => [zone, state]),
    [
      ['CA IPv4', 'unchanged'],
      ['CA IPv6', 'unchanged'],
    ],
  );
});

test('geofence fetch --verbose says what was done', async (t) => {
  const { geofence } = await setUp(t);
  const { stdout } = await geofence('fetch', '--allow', 'CA', '--verbose');
  assert.match(stdout, /^2 zones {2}fetched\noldest {3}0 seconds\n$/);
});

test('geofence fetch uses the aged copy when the source is down, warns once and succeeds', async (t) => {
  const { server, geofence } = await setUp(t);
  await geofence('fetch', '--allow', 'CA');
  server.fault(/./, faults.status(404));
  const { exitCode, stdout, stderr } = await geofence('fetch', '--allow', 'CA', '--max-zone-age', '0');
  assert.equal(exitCode, 0);
  assert.equal(stdout, '');
  assert.match(stderr, /geofence: warning: using the cached copy of CA IPv4, CA IPv6; the first: .*HTTP 404/);
});

test('geofence fetch fails with one line and a hint when a zone cannot be had at all', async (t) => {
  const { server, cache, geofence } = await setUp(t);
  server.fault('/ipblocks/data/countries/ca.zone', faults.html());
  const { exitCode, stderr } = await geofence('fetch', '--allow', 'CA');
  assert.equal(exitCode, 1);
  assert.match(stderr, /geofence: Cannot get zone CA IPv4: .*web page/);
  assert.match(stderr, /\n {2}hint: the firewall is as it was/);
  assert.deepEqual(await readdir(join(cache, 'ipv6')), ['ca.zone'], 'what came is kept');
  assert.deepEqual(await readdir(join(cache, 'refused')), ['ipv4-ca.txt']);
});

test('geofence fetch notices a damaged cache file and fetches it again', async (t) => {
  const { cache, geofence } = await setUp(t);
  await geofence('fetch', '--allow', 'CA');
  const path = join(cache, 'ipv4', 'ca.zone');
  const good = await readFile(path, 'utf8');
  await writeFile(path, good.replace('198.51.100.0/24', '198.51.100.0/2'));
  assert.equal((await geofence('fetch', '--allow', 'CA')).exitCode, 0);
  assert.equal(
    (await readFile(path, 'utf8')).split('\n').slice(1).join('\n'),
    good.split('\n').slice(1).join('\n'),
  );
});

test('geofence fetch leaves files that others may read and only the owner write', async (t) => {
  const { cache, geofence } = await setUp(t);
  await geofence('fetch', '--allow', 'CA');
  const modeOf = async (path: string): Promise<number> => (await stat(join(cache, path))).mode & 0o7777;
  assert.equal(await modeOf('ipv4/ca.zone'), 0o644);
  assert.equal(await modeOf('ipv4'), 0o755);
});
