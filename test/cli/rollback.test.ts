import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { Host } from '../helpers/host.ts';
import { startHost } from '../helpers/host.ts';
import { kernelSkip } from '../helpers/kernel-skip.ts';

const skip = await kernelSkip('nft');

const ok = { status: 0, stdout: '', stderr: '' };

const remembered = async (host: Host): Promise<string[]> => (await readdir(join(host.cache, 'state'))).sort();

/** Waits until the kernel holds this, 15 seconds at most. */
async function waitFor(host: Host, wanted: string): Promise<void> {
  for (let attempt = 0; attempt < 150 && (await host.kernel()) !== wanted; attempt++) await setTimeout(100);
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
  const allowed = await host.kernel();
  assert.deepEqual(await host.geofence(['refresh', '--deny', 'RU']), ok);
  assert.deepEqual(await host.geofence(['rollback']), ok);
  assert.equal(await host.kernel(), allowed);
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
  assert.deepEqual(await remembered(host), ['policy.json']);
});

test('geofence refresh --confirm of a first fence is taken back to none', { skip }, async (t) => {
  const host = await startHostWithTables(t);
  const before = await host.kernel();
  assert.deepEqual(await host.geofence(['refresh', '--allow', 'CA', '--confirm', '1']), ok);
  await waitFor(host, before);
  assert.deepEqual(await remembered(host), []);
});

test('geofence confirm keeps the change and remembers its policy', { skip }, async (t) => {
  const host = await startHostWithTables(t);
  await host.geofence(['refresh', '--allow', 'CA']);
  assert.deepEqual(await host.geofence(['refresh', '--deny', 'RU', '--confirm', '3']), ok);
  const changed = await host.kernel();
  assert.match(
    (await host.geofence(['status'])).stdout,
    /\npending +taken back at \d{4}-.*, unless: geofence confirm\n/,
  );
  assert.deepEqual(await host.geofence(['confirm']), ok);
  await setTimeout(3500);
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

test(
  'geofence restore after a reboot puts back the confirmed policy, not the pending one',
  { skip },
  async (t) => {
    const host = await startHostWithTables(t);
    await host.geofence(['refresh', '--allow', 'CA']);
    const confirmed = await host.kernel();
    await host.geofence(['fetch', '--deny', 'RU']);
    await host.geofence(['refresh', '--deny', 'RU', '--confirm', '60']);
    for (const tool of ['iptables', 'ip6tables']) {
      await host.tool(tool, '-t', 'mangle', '-F', 'PREROUTING');
      await host.tool(tool, '-t', 'mangle', '-F', 'GEOFENCE');
    }
    assert.deepEqual(await host.geofence(['restore']), ok);
    assert.equal(await host.kernel(), confirmed);
    assert.equal((await host.geofence(['confirm'])).status, 1, 'nothing waits any more');
  },
);
