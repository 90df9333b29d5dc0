import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FencedHost } from '../helpers/fenced-host.ts';
import { startFencedHost } from '../helpers/fenced-host.ts';

test('geofence restore --sets-only makes the sets of earlier versions that saved rules name, wherever a script loads them from', async (t) => {
  const host = await startFencedHost(t);
  const setsMade = async (files: Readonly<Record<string, string>>): Promise<string[]> => {
    assert.equal((await host.call(['restore', '--sets-only'], { files })).exitCode, 0);
    const { stdout } = await host.kernel.run('ipset', ['list', '-n']);
    return stdout.toString().split('\n');
  };
  const rules = '*mangle\n-A GEOFENCE-main -m set --match-set geofence-escape-4 src -j RETURN\nCOMMIT\n';
  const script = '#!/bin/sh\niptables-restore </etc/firewall.v4\n';
  assert.ok(
    !(await setsMade({ '/etc/firewall.v4': rules })).includes('geofence-escape-4'),
    'nobody loads it',
  );
  for (const path of ['/etc/network/if-pre-up.d/iptables', '/etc/rc.local']) {
    const made = await setsMade({ '/etc/firewall.v4': rules, [path]: script });
    assert.ok(made.includes('geofence-escape-4'), path);
    await host.kernel.run('ipset', ['destroy', 'geofence-escape-4']);
  }
});

const boot = { '/proc/sys/kernel/random/boot_id': 'b\n' };

/** What stands after "to do" or "done". */
const changesIn = (stdout: string): string =>
  stdout
    .split('\n')
    .slice(stdout.split('\n').findIndex((line) => /^(?:to do|done) /.test(line)))
    .join('\n')
    .replace(/^(?:to do|done) +/, '')
    .replaceAll(/^ +/gm, '');

for (const { name, args = [], begin } of [
  {
    name: 'a zone that is gone, for which the copy from before stands in',
    begin: async (host: FencedHost) => {
      await host.kernel.meddle('ipset', ['restore'], 'flush geofence-main-allow-4\n');
      await host.forgetZones();
    },
  },
  {
    name: 'the sets alone',
    args: ['--sets-only'],
    begin: async (host: FencedHost) => {
      await host.kernel.meddle('ipset', ['restore'], 'flush geofence-main-allow-4\n');
    },
  },
  {
    name: 'a change that waits to be confirmed',
    begin: async (host: FencedHost) => {
      const started = { files: boot, startDetached: () => Promise.resolve() };
      assert.equal((await host.call(['refresh', '--deny', 'RU', '--confirm', '60'], started)).exitCode, 0);
    },
  },
  {
    name: 'a file whose policy was taken back',
    begin: async (host: FencedHost) => {
      const started = { files: boot, startDetached: () => Promise.resolve() };
      await host.configure('deny = "RU"\n');
      assert.equal((await host.call(['refresh', '--confirm', '60'], started)).exitCode, 0);
      assert.equal((await host.call(['rollback'], started)).exitCode, 0);
      await host.kernel.meddle('ipset', ['restore'], 'flush geofence-main-allow-4\n');
    },
  },
])
  test(`geofence restore --dry-run says what restore does: ${name}`, async (t) => {
    const host = await startFencedHost(t);
    await begin(host);
    const before = await host.kernel.run('ipset', ['save']);
    const planned = await host.call(['restore', '--dry-run', ...args], { files: boot, isTTY: true });
    assert.deepEqual(await host.kernel.run('ipset', ['save']), before);
    const done = await host.call(['restore', ...args], { files: boot, isTTY: true });
    assert.deepEqual([planned.exitCode, done.exitCode], [0, 0], planned.stderr + done.stderr);
    assert.equal(changesIn(planned.stdout), changesIn(done.stdout));
    assert.notEqual(changesIn(done.stdout), '');
    assert.doesNotMatch(changesIn(done.stdout), /^nothing/);
  });
