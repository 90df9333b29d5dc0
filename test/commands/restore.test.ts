import assert from 'node:assert/strict';
import { test } from 'node:test';
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
