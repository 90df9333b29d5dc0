import assert from 'node:assert/strict';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { Host } from '../helpers/host.ts';
import { startHost } from '../helpers/host.ts';
import { kernelSkip } from '../helpers/kernel-skip.ts';

const skip = await kernelSkip('nft');

const ok = { status: 0, stdout: '', stderr: '' };

/** The state files, once nobody is at work on them: a rollback writes them after it has changed the kernel. */
async function remembered(host: Host): Promise<string[]> {
  const list = async (): Promise<string[]> =>
    (await readdir(join(host.cache, 'state'))).filter((name) => !/^(history|zone)/.test(name)).sort();
  for (let attempt = 0; attempt < 50 && (await list()).includes('.lock'); attempt++) await setTimeout(100);
  return await list();
}

/** Waits until the kernel holds this, 15 seconds at most. */
async function waitFor(host: Host, wanted: string): Promise<void> {
  // In the middle of a change iptables-save may meet a rule whose set is gone, and fails.
  const look = async (): Promise<string> => await host.kernel().catch(() => 'in the middle of a change');
  for (let attempt = 0; attempt < 150 && (await look()) !== wanted; attempt++) await setTimeout(100);
  assert.equal(await host.kernel(), wanted);
}

/** With a table of its own the kernel looks the same before the first fence and after the last. */
async function startHostWithTables(t: Parameters<typeof startHost>[0]): Promise<Host> {
  const host = await startHost(t);
  for (const tool of ['iptables', 'ip6tables']) {
    await host.tool(tool, '-t', 'mangle', '-A', 'FORWARD', '-j', 'ACCEPT');
  }
  return host;
}

test('geofence rollback puts back the former fence and policy, once', { skip }, async (t) => {
  const host = await startHostWithTables(t);
  assert.deepEqual(await host.geofence(['refresh', '--allow', 'CA', '--allow-subnet', '198.51.100.7']), ok);
  const allowed = await host.inForce();
  assert.deepEqual(await host.geofence(['refresh', '--deny', 'RU']), ok);
  assert.deepEqual(await host.geofence(['rollback']), ok);
  assert.equal(await host.inForce(), allowed);
  assert.equal((await host.geofence(['status'])).status, 0, 'the policy went back too');
  const again = await host.geofence(['rollback']);
  assert.match(again.stderr, /Cannot roll back: nothing is remembered of a fence before this one/);
  assert.equal(again.status, 1);
});

test('geofence rollback of the first fence leaves none', { skip }, async (t) => {
  const host = await startHostWithTables(t);
  const before = await host.kernel();
  assert.deepEqual(await host.geofence(['refresh', '--allow', 'CA']), ok);
  assert.deepEqual(await host.geofence(['rollback']), ok);
  assert.equal(await host.kernel(), before);
  assert.equal((await host.geofence(['refresh'])).status, 2, 'no policy is remembered');
});

test('geofence rollback brings back a fence that was removed', { skip }, async (t) => {
  const host = await startHostWithTables(t);
  await host.geofence(['refresh', '--allow', 'CA']);
  const fenced = await host.kernel();
  assert.deepEqual(await host.geofence(['remove']), ok);
  assert.deepEqual(await host.geofence(['rollback']), ok);
  assert.equal(await host.kernel(), fenced);
});

test('geofence refresh --confirm is taken back by itself, to the fence before', { skip }, async (t) => {
  const host = await startHostWithTables(t);
  await host.geofence(['refresh', '--allow', 'CA']);
  const before = await host.kernel();
  const changed = await host.geofence(['refresh', '--deny', 'RU', '--confirm', '2', '--verbose']);
  assert.match(changed.stdout, /confirm +within 2 seconds, or it is taken back: geofence confirm\n$/);
  assert.notEqual(await host.kernel(), before);
  await waitFor(host, before);
  assert.equal((await host.geofence(['status'])).status, 0);
  assert.deepEqual(await remembered(host), ['pending.json', 'policy.json']);
  assert.deepEqual(await host.geofence(['refresh']), ok);
  assert.deepEqual(await remembered(host), ['policy.json'], 'what was taken back is forgotten');
});

test('geofence refresh --confirm of a first fence is taken back to none', { skip }, async (t) => {
  const host = await startHostWithTables(t);
  const before = await host.kernel();
  assert.deepEqual(await host.geofence(['refresh', '--allow', 'CA', '--confirm', '1']), ok);
  await waitFor(host, before);
  assert.deepEqual(await remembered(host), ['pending.json'], 'no policy');
});

test('geofence confirm keeps the change and remembers its policy', { skip }, async (t) => {
  const host = await startHostWithTables(t);
  await host.geofence(['refresh', '--allow', 'CA']);
  assert.deepEqual(await host.geofence(['refresh', '--deny', 'RU', '--confirm', '6']), ok);
  const changed = await host.kernel();
  assert.match(
    (await host.geofence(['status'])).stdout,
    /^state +pending: .*\n[^]*\npending +taken back at \d{4}-.* UTC, unless: geofence confirm\n/,
  );
  assert.deepEqual(await host.geofence(['confirm']), ok);
  await setTimeout(6500);
  assert.equal(await host.kernel(), changed, 'the timer found nothing to do');
  assert.equal((await host.geofence(['status'])).status, 0);
  const again = await host.geofence(['confirm']);
  assert.match(
    again.stderr,
    /Cannot confirm: no change waits for it\n {2}hint: it may have been taken back already/,
  );
  assert.equal(again.status, 1);
});

test('geofence refuses a second change while one waits to be confirmed', { skip }, async (t) => {
  const host = await startHostWithTables(t);
  await host.geofence(['refresh', '--allow', 'CA', '--confirm', '60']);
  const pending = await host.kernel();
  const { status, stderr } = await host.geofence(['refresh', '--deny', 'RU']);
  assert.match(
    stderr,
    /^geofence: Refusing to apply: the last change waits to be confirmed until \d{4}-.*\n {2}hint: keep it with "geofence confirm" or take it back/,
  );
  assert.equal(status, 4);
  assert.equal(await host.kernel(), pending);
  assert.deepEqual(await host.geofence(['rollback']), ok);
  assert.deepEqual(await host.geofence(['refresh', '--deny', 'RU']), ok);
});

test('geofence refresh --confirm survives the terminal it was typed in', { skip }, async (t) => {
  const host = await startHostWithTables(t);
  const before = await host.kernel();
  // setsid --wait gives it a session of its own, which is killed as a whole afterwards, as a lost connection does.
  const { status } = await host.geofence(
    ['refresh', '--allow', 'CA', '--confirm', '2'],
    ['setsid', '--wait', 'sh', '-c', '"$@"; kill -HUP 0', 'sh'],
  );
  assert.notEqual(status, 0, 'the shell died of its own hang-up');
  assert.notEqual(await host.kernel(), before);
  await waitFor(host, before);
});

/** What a restart of the firewall does. */
async function wipeRules(host: Host): Promise<void> {
  for (const tool of ['iptables', 'ip6tables']) {
    await host.tool(tool, '-t', 'mangle', '-F', 'PREROUTING');
    await host.tool(tool, '-t', 'mangle', '-F', 'GEOFENCE');
  }
}

test('geofence restore takes back a change on trial', { skip }, async (t) => {
  const host = await startHostWithTables(t);
  await host.geofence(['refresh', '--allow', 'CA']);
  const confirmed = await host.kernel();
  await host.geofence(['refresh', '--deny', 'RU', '--confirm', '60']);
  await host.geofence(['restore', '--sets-only']);
  assert.match(
    (await host.geofence(['status'])).stdout,
    /\npending +taken back at /,
    'the sets alone end nothing',
  );
  await wipeRules(host);
  assert.deepEqual(await host.geofence(['restore']), {
    ...ok,
    stderr: 'geofence: warning: taking back the change that waited to be confirmed\n',
  });
  assert.equal(await host.kernel(), confirmed);
  assert.equal((await host.geofence(['confirm'])).status, 1, 'nothing waits any more');
});

/** As if the machine had been started anew since the change. */
async function reboot(host: Host): Promise<void> {
  const path = join(host.cache, 'state', 'pending.json');
  const pending = JSON.parse(await readFile(path, 'utf8')) as object;
  await writeFile(path, JSON.stringify({ ...pending, bootId: 'another' }));
  await wipeRules(host);
}

for (const { name, lapse } of [
  { name: 'that was taken back', lapse: async (host: Host) => void (await host.geofence(['rollback'])) },
  { name: 'that a reboot ended', lapse: reboot },
]) {
  test(
    `geofence brings no policy of the file again ${name}, until somebody means it`,
    { skip },
    async (t) => {
      const host = await startHostWithTables(t);
      await host.configure('sources = ["ipdeny"]\nallow = "CA"\n');
      assert.deepEqual(await host.geofence(['refresh']), ok);
      const confirmed = await host.inForce();
      await host.configure('sources = ["ipdeny"]\ndeny = "RU"\n');
      assert.deepEqual(await host.geofence(['refresh', '--confirm', '60']), ok);
      await lapse(host);
      const weekly = await host.geofence(['refresh']);
      assert.match(
        weekly.stderr,
        /this policy was taken back, for nobody confirmed it until .* \(guard unconfirmed\)\n/,
      );
      assert.equal(weekly.status, 4);
      const boot = await host.geofence(['restore']);
      assert.match(
        boot.stderr,
        /warning: the policy was taken back, for nobody confirmed it; the one before it counts\n$/,
      );
      assert.equal(boot.status, 0);
      assert.equal(await host.inForce(), confirmed);
      const other = await host.geofence(['refresh', '--allow', 'CA,KP']);
      assert.equal(other.status, 0);
      assert.match(other.stderr, /geofence\.toml" states the policy: --allow holds until the next refresh/);
      assert.equal((await host.geofence(['refresh'])).status, 4, 'another policy confirms nothing');
      assert.deepEqual(await host.geofence(['refresh', '--force', 'unconfirmed']), ok);
      assert.deepEqual(await host.geofence(['refresh']), ok, 'it was meant');
      assert.match((await host.geofence(['status'])).stdout, /^policy +deny RU/m);
    },
  );
}

test('geofence goes on after a rollback that was killed before it wrote the policy', { skip }, async (t) => {
  const host = await startHostWithTables(t);
  const path = join(host.cache, 'state', 'policy.json');
  await host.geofence(['refresh', '--allow', 'CA']);
  await host.geofence(['refresh', '--deny', 'RU']);
  const undone = await readFile(path, 'utf8');
  assert.deepEqual(await host.geofence(['rollback']), ok);
  await writeFile(path, undone);
  assert.deepEqual(await host.geofence(['refresh']), ok);
  assert.equal((await host.geofence(['status'])).status, 0);
});

test('geofence refresh takes back a change whose timer is gone, and goes on', { skip }, async (t) => {
  const host = await startHostWithTables(t);
  assert.deepEqual(await host.geofence(['refresh', '--allow', 'CA']), ok);
  const confirmed = await host.kernel();
  await host.geofence(['refresh', '--deny', 'RU', '--confirm', '60']);
  const path = join(host.cache, 'state', 'pending.json');
  const pending = JSON.parse(await readFile(path, 'utf8')) as object;
  await writeFile(path, JSON.stringify({ ...pending, until: '2020-01-01T00:00:00Z' }));
  assert.equal((await host.geofence(['status'])).status, 3);
  const { status, stderr } = await host.geofence(['refresh']);
  assert.match(stderr, /warning: taking back the change that nobody confirmed until 2020-01-01T00:00:00Z\n$/);
  assert.equal(status, 0);
  assert.equal(await host.kernel(), confirmed);
});

test('geofence rollback refuses to cut off an SSH session, unless forced', { skip }, async (t) => {
  const host = await startHostWithTables(t);
  await host.geofence(['refresh', '--allow', 'RU']);
  await host.geofence(['refresh', '--allow', 'CA']);
  const ssh = ['SSH_CONNECTION=192.0.2.9 50022 192.0.2.1 22'];
  const { status, stderr } = await host.geofence(['rollback'], ssh);
  assert.match(stderr, /your own SSH session is from 192\.0\.2\.9/);
  assert.equal(status, 4);
  assert.deepEqual(await host.geofence(['rollback', '--force', 'ssh-peer'], ssh), ok);
});

test(
  'geofence rollback still knows the fence before the last when the last change failed',
  { skip },
  async (t) => {
    const host = await startHostWithTables(t);
    await host.geofence(['refresh', '--allow', 'CA']);
    const first = await host.inForce();
    await host.geofence(['refresh', '--deny', 'RU']);
    const second = await host.inForce();
    // A set of our name and another type cannot be replaced while somebody's rule looks at it.
    await host.tool('ipset', 'destroy', 'geofence-main-allow-4');
    await host.tool('ipset', 'create', 'geofence-main-allow-4', 'hash:ip');
    const rule = [
      '-t',
      'mangle',
      '-A',
      'FORWARD',
      '-m',
      'set',
      '--match-set',
      'geofence-main-allow-4',
      'dst',
    ];
    await host.tool('iptables', ...rule);
    const failed = await host.geofence(['refresh', '--allow', 'CA']);
    assert.match(failed.stderr, /Cannot apply the fence/);
    assert.equal(failed.status, 1);
    await host.tool('iptables', ...rule.map((word) => (word === '-A' ? '-D' : word)));
    await host.tool('ipset', 'destroy', 'geofence-main-allow-4');
    assert.equal(await host.inForce(), second);
    assert.deepEqual(await host.geofence(['rollback']), ok);
    assert.equal(await host.inForce(), first);
  },
);
