import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { projectRoot } from '../helpers/golden.ts';
import type { DebianHost } from './debian-host.ts';
import { checkout, createDebianHost, mirrorSetting } from './debian-host.ts';

const left = join(projectRoot(), 'test', 'golden', 'left-by-0.1');

const allowed = /^policy +allow only CA \(Canada\); local addresses and 198\.51\.100\.7\/32 always get$/m;

/** What the old fence has and ours has not: a saved ruleset with these needs the sets of escapes. */
const oldRules = /GEOFENCE-main -m set --match-set geofence-escape-4 src/;

/** Ours of the early drop, which the old program does not know: left in place, it would drop its escapes. */
const newRules = /PREROUTING ! -i lo .*--match-set geofence-main-allow-[46] src/;

const rules = 'iptables-save; ip6tables-save';

/** That the new program took over, whole, and knows what the old one remembered. */
async function isTakenOver(host: DebianHost): Promise<void> {
  await host.isWhole();
  assert.match(await host.ok('geofence status'), allowed);
  const found = await host.ok(rules);
  assert.doesNotMatch(found, oldRules);
  assert.match(found, newRules);
  assert.match(found, /-A INPUT -p tcp -m tcp --dport 7777 -j DROP/);
  assert.equal(await host.ok('systemctl --failed --no-legend --no-pager'), '');
}

test('a boot with what 0.1 left: saved rules that name its sets, and state without a version', async (t) => {
  const host = await createDebianHost(t, 'iptables-persistent');
  const place = async (name: string, path: string): Promise<void> => {
    await host.write(path, await readFile(join(left, name), 'utf8'));
  };
  await host.boot();
  await host.install();
  await host.append('/etc/geofence/geofence.toml', 'allow_subnets = ["198.51.100.7"]\n');
  await host.serveZones();
  await host.ok('geofence fetch --allow CA,RU');
  await place('policy.txt', '/var/lib/geofence/policy.json');
  await place('former.txt', '/var/lib/geofence/former.json');
  await place('rules.v4', '/etc/iptables/rules.v4');
  await place('rules.v6', '/etc/iptables/rules.v6');
  await host.reboot();
  await isTakenOver(host);

  await host.ok('geofence rollback');
  assert.match(await host.ok('geofence status || true'), /^policy +deny RU \(Russia\);/m);
  // The fence of then has other rules than one of today.
  await host.ok('geofence restore');
  await host.isWhole();
});

/** A host with the old program in it, fenced by it, with a rule of its own in a saved ruleset. */
async function oldHost(t: TestContext, program: string): Promise<DebianHost> {
  const host = await createDebianHost(t, 'iptables-persistent');
  await cp(program, host.path('/srv/old'), { recursive: true });
  await host.boot();
  await host.serveZones();
  await host.ok('node /srv/old/dist/geofence.cjs install --yes');
  await host.append('/etc/geofence/geofence.toml', `${mirrorSetting}allow_subnets = ["198.51.100.7"]\n`);
  await host.ok('geofence refresh --deny RU');
  await host.ok('geofence refresh --allow CA');
  await host.ok('iptables -A INPUT -p tcp --dport 7777 -j DROP');
  await host.ok('netfilter-persistent save 2>/dev/null');
  assert.match(await host.ok(rules), oldRules);
  return host;
}

const { GEOFENCE_OLD: old } = process.env;

// Where the history of the checkout goes back far enough, which .ci/host13 looks at.
if (old !== undefined) {
  assert.ok(existsSync(join(old, 'dist/geofence.cjs')), old);

  test('an upgrade from 0.1, over reboots', async (t) => {
    const host = await oldHost(t, old);
    await host.reboot();
    await host.isWhole();
    await host.ok(`node ${checkout}/dist/geofence.cjs install --yes`);
    await host.reboot();
    await isTakenOver(host);
    await host.serveZones();
    await host.ok('systemctl start geofence-refresh.service');
    await host.ok('netfilter-persistent save 2>/dev/null');
    await host.reboot();
    await isTakenOver(host);
    assert.doesNotMatch(await host.ok('ipset list -n'), /escape/);
  });

  test('the way back to 0.1, over a reboot: uninstall comes first', async (t) => {
    const host = await oldHost(t, old);
    await host.ok(`node ${checkout}/dist/geofence.cjs install --yes`);
    await host.ok('geofence restore');
    await isTakenOver(host);
    await host.ok('netfilter-persistent save 2>/dev/null');

    const forgotten = await host.sh('node /srv/old/dist/geofence.cjs install --yes');
    assert.match(forgotten.stderr, /Cannot read "\/usr\/local\/bin\/geofence": it is a symbolic link/);
    await host.isWhole();

    await host.ok('geofence uninstall --yes');
    await host.ok('node /srv/old/dist/geofence.cjs install --yes');
    await host.ok('geofence refresh --allow CA');
    await host.ok('netfilter-persistent save 2>/dev/null');
    await host.reboot();
    await host.isWhole();
    assert.match(await host.ok('geofence status'), allowed);
    const found = await host.ok(rules);
    assert.match(found, oldRules);
    assert.doesNotMatch(found, newRules);
    assert.match(found, /-A INPUT -p tcp -m tcp --dport 7777 -j DROP/);
  });
}
