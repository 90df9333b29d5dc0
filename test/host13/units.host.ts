import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDebianHost } from './debian-host.ts';

test('all units work on a running systemd, and the timer is waiting', async (t) => {
  const host = await createDebianHost(t);
  await host.boot();
  await host.install();
  await host.serveZones();
  await host.ok('geofence refresh --allow CA');
  const timers = await host.ok('systemctl list-timers --no-pager --no-legend geofence-refresh.timer');
  assert.match(timers, /geofence-refresh\.timer +geofence-refresh\.service/);
  for (const unit of ['geofence-fetch', 'geofence-refresh', 'geofence-sets', 'geofence']) {
    if (unit === 'geofence') await host.ok('iptables -t mangle -F PREROUTING');
    await host.ok(`systemctl start ${unit}.service`);
    assert.equal(await host.ok(`systemctl show -P Result ${unit}.service`), 'success\n');
  }
  await host.isWhole();
  assert.match(await host.journal('geofence-fetch.service'), /Finished geofence-fetch\.service/);
  assert.equal(await host.ok('systemctl --failed --no-legend --no-pager'), '');
});
