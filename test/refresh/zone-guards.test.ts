import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startFencedHost } from '../helpers/fenced-host.ts';

for (const { guard, ca, figures } of [
  {
    guard: 'zone-shrank',
    ca: ['192.0.2.0/25', '198.51.100.0/26'],
    figures: 'it shrank from 320 to 192 addresses, by 40 % (limit: 20 %)',
  },
  {
    guard: 'zone-grew',
    ca: ['192.0.2.0/24', '198.51.100.0/24'],
    figures: 'it grew from 320 to 512 addresses, by 60 % (limit: 50 %)',
  },
]) {
  test(`geofence refresh refuses by ${guard}, keeps fence and cache, and goes on when that is forced`, async (t) => {
    const host = await startFencedHost(t);
    const before = await host.state();
    await host.server.update({ ...host.zones, ipv4: { ...host.zones.ipv4, ca } });
    for (let week = 0; week < 2; week++) {
      const { exitCode, stdout, stderr } = await host.geofence('refresh', '--max-zone-age', '0');
      assert.equal(
        stderr,
        `geofence: Refusing to apply: zone CA IPv4 is not to be believed: ${host.server.url}/ipblocks/data/countries/ca.zone: ${figures} (guard ${guard})\n` +
          `  hint: look at what changed; if it is meant, insist with --force ${guard}\n`,
      );
      assert.equal(exitCode, 4);
      assert.equal(stdout, '');
      assert.equal(await host.state(), before);
    }
    const other = await host.geofence('refresh', '--max-zone-age', '0', '--force', 'ssh-peer');
    assert.equal(other.exitCode, 4, 'another guard is not meant');
    const forced = await host.geofence('refresh', '--max-zone-age', '0', '--force', guard);
    assert.deepEqual(forced, { exitCode: 0, stdout: '', stderr: '' });
    assert.notEqual(await host.state(), before);
    assert.equal(
      (await host.geofence('refresh', '--max-zone-age', '0')).exitCode,
      0,
      'it is the accepted copy now',
    );
  });
}

test('geofence refresh takes the limits of the configuration', async (t) => {
  const host = await startFencedHost(t);
  await host.configure('max_zone_shrink_percent = 45\n');
  await host.server.update({ ...host.zones, ipv4: { ca: ['192.0.2.0/25', '198.51.100.0/26'] } });
  assert.equal((await host.geofence('refresh', '--max-zone-age', '0')).exitCode, 0);
});

test('geofence refresh refuses by zone-share a first copy that holds most of the address space, unless forced', async (t) => {
  const host = await startFencedHost(t);
  const before = await host.state();
  const ru = Array.from({ length: 48 }, (_, i) => `${4 * i + 4}.0.0.0/6`);
  await host.server.update({ ...host.zones, ipv4: { ...host.zones.ipv4, ru } });
  const { exitCode, stdout, stderr } = await host.geofence('refresh', '--deny', 'RU');
  assert.equal(
    stderr,
    `geofence: Refusing to apply: zone RU IPv4 is not to be believed: ${host.server.url}/ipblocks/data/countries/ru.zone: it holds 74.1 % of all IPv4 addresses (limit: 6.0 %) (guard zone-share)\n` +
      '  hint: look at what changed; if it is meant, insist with --force zone-share\n',
  );
  assert.equal(exitCode, 4);
  assert.equal(stdout, '');
  assert.equal(await host.state(), before);
  const forced = await host.geofence('fetch', '--deny', 'RU', '--force', 'zone-share');
  assert.equal(forced.exitCode, 0, forced.stderr);
});
