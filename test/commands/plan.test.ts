import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startFencedHost } from '../helpers/fenced-host.ts';

test('plan shows what a guard says against a fetched zone, beside the plan with the cached one', async (t) => {
  const host = await startFencedHost(t);
  const before = await host.state();
  const ca = ['192.0.2.0/25', '198.51.100.0/26'];
  await host.server.update({ ...host.zones, ipv4: { ...host.zones.ipv4, ca } });
  for (const args of [['plan'], ['refresh', '--dry-run']]) {
    const { exitCode, stdout, stderr } = await host.geofence(...args, '--max-zone-age', '0');
    assert.match(stdout, /^policy +allow only CA \(Canada\)\n/);
    assert.match(stdout, /\nguards +guard zone-shrank would refuse: zone CA IPv4 is not to be believed:\n/);
    assert.match(stdout, / insist with --force zone-shrank\n/);
    assert.match(stdout, /\nto do +nothing, the fence is as it should be\n$/);
    assert.deepEqual([exitCode, stderr], [4, '']);
  }
  const script = await host.geofence('plan', '--script', '--max-zone-age', '0');
  assert.match(script.stderr, /^geofence: Refusing to apply: zone CA IPv4 is not to be believed/);
  assert.deepEqual([script.exitCode, script.stdout], [4, '']);
  assert.equal(await host.state(), before);
  const forced = await host.geofence('plan', '--max-zone-age', '0', '--force', 'zone-shrank');
  assert.match(forced.stdout, /\nshut out +IPv4: 128 addresses/);
  assert.equal(forced.exitCode, 0);
});

test('a dry run answers also where nobody watches; what it stands for is silent there', async (t) => {
  const host = await startFencedHost(t);
  for (const command of ['refresh', 'restore', 'remove']) {
    const { stdout } = await host.geofence(command, '--dry-run');
    assert.match(stdout, /to do/, command);
    assert.equal((await host.geofence(command)).stdout, '', command);
  }
});
