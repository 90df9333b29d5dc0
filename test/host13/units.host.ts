import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import type { DebianHost } from './debian-host.ts';
import { createDebianHost } from './debian-host.ts';

const services = ['geofence-fetch', 'geofence-refresh', 'geofence-sets', 'geofence'];

async function fencedHost(t: TestContext): Promise<DebianHost> {
  const host = await createDebianHost(t);
  await host.boot();
  await host.install();
  await host.serveZones();
  await host.ok('geofence refresh --allow CA');
  return host;
}

const dropIn = (unit: string): string => `/etc/systemd/system/${unit}.d/test.conf`;

test('all services work on a running systemd, and may do little else', async (t) => {
  const host = await fencedHost(t);
  for (const unit of services) {
    if (unit === 'geofence') await host.ok('iptables -t mangle -F PREROUTING');
    await host.ok(`systemctl start ${unit}.service`);
    assert.equal(await host.ok(`systemctl show -P Result ${unit}.service`), 'success\n');
  }
  await host.isWhole();
  const change = /^geofence\.service: restore --quiet --wait 60: .*replace the IPv4 rules.*: exit code 0$/m;
  assert.match(await host.ok('journalctl --boot --no-pager --output=cat --identifier=geofence'), change);
  assert.match(await host.ok('geofence history'), /restore --quiet --wait 60\nby +geofence\.service\n/);
  // More often in ten seconds than systemd starts a unit that says nothing of it.
  for (let i = 0; i < 8; i++) await host.ok('systemctl start geofence.service');
  assert.equal(await host.ok('systemctl --failed --no-legend --no-pager'), '');
  const analysis = 'systemd-analyze security --no-pager';
  for (const unit of services) {
    const [, exposure] = /: (\d+\.\d) OK/.exec(await host.ok(`${analysis} ${unit}.service`)) ?? [];
    t.diagnostic(`${unit}.service: ${exposure}`);
    // The README says so.
    assert.ok(Number(exposure) >= 1.2 && Number(exposure) <= 2.1, exposure);
  }
});

test('the timer is waiting after install, fires, and catches up at boot on what it missed', async (t) => {
  const host = await fencedHost(t);
  const timer = 'geofence-refresh.timer';
  assert.match(
    await host.ok(`systemctl list-timers --no-pager --no-legend ${timer}`),
    /^Mon .* geofence-refresh\.timer +geofence-refresh\.service$/m,
  );
  const hasRefreshed = 'systemctl show -P ExecMainExitTimestamp geofence-refresh.service | grep -q .';
  assert.equal((await host.sh(hasRefreshed)).exitCode, 1);
  await host.write(dropIn(timer), '[Timer]\nRandomizedDelaySec=0\nOnActiveSec=1s\n');
  await host.ok(`systemctl daemon-reload && systemctl restart ${timer}`);
  await host.until(hasRefreshed);
  const journal = await host.ok('journalctl --boot --no-pager --output=cat');
  assert.match(
    journal,
    /Finished geofence-fetch\.service[^]*Starting geofence-refresh\.service[^]*Finished geofence-refresh\.service/,
  );

  await host.write(dropIn(timer), '[Timer]\nRandomizedDelaySec=0\n');
  await host.ok(`touch -d '3 weeks ago' /var/lib/systemd/timers/stamp-${timer}`);
  await host.reboot();
  await host.until(hasRefreshed);
  assert.equal(await host.ok('systemctl show -P Result geofence-refresh.service'), 'success\n');
  await host.isWhole();
});

test('a change on trial is taken back by a transient timer, and kept once confirmed', async (t) => {
  const host = await fencedHost(t);
  const rollbacks = "systemctl list-units --all --no-legend --no-pager 'geofence-rollback-*'";
  await host.ok('geofence refresh --deny RU --confirm 5');
  assert.match(await host.ok('geofence status || true'), /^policy +deny RU/m);
  assert.match(await host.ok(rollbacks), /geofence-rollback-\S+\.timer +loaded +active +waiting/);
  await host.until('geofence status | grep -q "^state  *up: "');
  assert.match(await host.ok('geofence status'), /^policy +allow only CA/m);
  await host.until(`test -z "$(${rollbacks})"`);

  await host.ok('geofence refresh --deny RU --confirm 5');
  await host.ok('geofence confirm');
  await host.until(`test -z "$(${rollbacks})"`);
  assert.match(await host.ok('geofence status'), /^policy +deny RU/m);
  assert.equal(await host.ok('systemctl --failed --no-legend --no-pager'), '');
});

test('a failed refresh starts what OnFailure= names, with the reason in the journal', async (t) => {
  const host = await fencedHost(t);
  await host.write(dropIn('geofence-refresh.service'), '[Unit]\nOnFailure=alert.service\n');
  await host.write(
    '/etc/systemd/system/alert.service',
    '[Service]\nType=oneshot\nExecStart=touch /run/alerted\n',
  );
  await host.ok('systemctl daemon-reload && systemctl start geofence-refresh.service');
  assert.equal((await host.sh('test -e /run/alerted')).exitCode, 1);
  await host.write('/var/lib/geofence/policy.json', '{"version"');
  assert.equal((await host.sh('systemctl start geofence-refresh.service')).exitCode, 1);
  await host.until('test -e /run/alerted');
  assert.match(await host.journal('geofence-refresh.service'), /^geofence: Cannot .*policy\.json/m);
  assert.equal((await host.sh('geofence status')).exitCode, 3);
});
