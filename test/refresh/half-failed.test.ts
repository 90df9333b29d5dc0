import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { ATTEMPTS } from '../../src/apply/end-failed-change.ts';
import type { FencedHost } from '../helpers/fenced-host.ts';
import { startFencedHost } from '../helpers/fenced-host.ts';
import type { CommandOutcome } from '../helpers/in-process.ts';

/** What fails every time it is tried. */
const times = ATTEMPTS + 1;

const remembered = async ({ dir }: FencedHost): Promise<string[]> =>
  (await readdir(join(dir, 'cache', 'state')))
    .filter((name) => /^(?:former|pending|policy)\.json$/.test(name))
    .sort();

/** What the kernel holds; sets that were made anew have another seed, and another order. */
const held = async (host: FencedHost): Promise<string> =>
  (await host.state())
    .replaceAll(/ (?:initval \S+|\[\d+:\d+\])/g, '')
    .split('\n')
    .sort()
    .join('\n');

/** The timer is nobody's: it does not come to its end here. */
const tryOut = async (host: FencedHost): Promise<CommandOutcome> =>
  await host.call(['refresh', '--allow', 'RU', '--confirm', '60'], {
    startDetached: () => Promise.resolve(),
  });

test('refresh remembers the policy of a new fence that holds, although a set could not be destroyed', async (t) => {
  const host = await startFencedHost(t);
  host.kernel.failOn(/^destroy geofence-main-allow-4.new/, { times });
  const { exitCode, stderr } = await host.geofence('refresh', '--allow', 'RU');
  assert.equal(exitCode, 1);
  assert.match(stderr, /^geofence: Cannot finish the change, the new fence holds: ipset restore failed: /);
  assert.match((await host.geofence('status')).stdout, /^policy +allow only RU/m);
  assert.deepEqual(await host.geofence('refresh'), { exitCode: 0, stdout: '', stderr: '' });
  const { stdout, exitCode: isFine } = await host.geofence('status');
  assert.equal(isFine, 0, stdout);
});

test('a trial stays armed when the new fence holds, although a set could not be destroyed', async (t) => {
  const host = await startFencedHost(t);
  const before = await held(host);
  host.kernel.failOn(/^destroy geofence-main-allow-4.new/, { times });
  const { exitCode, stderr } = await tryOut(host);
  assert.equal(exitCode, 1);
  assert.match(stderr, /the new fence holds/);
  assert.deepEqual(await remembered(host), ['former.json', 'pending.json', 'policy.json']);
  const { stdout } = await host.geofence('status');
  assert.match(stdout, /^stated +by the change on trial$/m);
  assert.equal((await host.geofence('rollback')).exitCode, 0);
  assert.equal(await held(host), before);
});

test('a trial that changed nothing in the end is forgotten', async (t) => {
  const host = await startFencedHost(t);
  const [before, files] = [await held(host), await remembered(host)];
  host.kernel.failOn(/^swap geofence-main-allow-6.new/, { times });
  const { exitCode, stderr } = await tryOut(host);
  assert.equal(exitCode, 1);
  assert.match(stderr, /^geofence: Cannot apply the fence, the firewall is as it was: /);
  assert.deepEqual(await remembered(host), files);
  assert.equal(await held(host), before);
});

test('remove forgets the policy when the fence is gone, although a set could not be destroyed', async (t) => {
  const host = await startFencedHost(t);
  host.kernel.failOn(/^destroy geofence-main-allow-4$/, { times });
  const { exitCode, stderr } = await host.geofence('remove');
  assert.equal(exitCode, 1);
  assert.match(stderr, /^geofence: Cannot finish the change, the fence is gone: ipset restore failed: /);
  assert.deepEqual(await remembered(host), ['former.json']);
  assert.equal((await host.geofence('refresh')).exitCode, 2, 'no policy brings it back');
});

test('remove leaves the fence and the policy when the rules stay', async (t) => {
  const host = await startFencedHost(t);
  const before = await held(host);
  host.kernel.failOn(/^-X GEOFENCE$/, { times });
  const { exitCode, stderr } = await host.geofence('remove');
  assert.equal(exitCode, 1);
  assert.match(stderr, /^geofence: Cannot remove the fence, the firewall is as it was: ip6?tables-restore /);
  assert.equal(await held(host), before);
  assert.deepEqual(await host.geofence('refresh'), { exitCode: 0, stdout: '', stderr: '' });
});

test('rollback still leads to the fence before, after a remove that changed nothing', async (t) => {
  const host = await startFencedHost(t);
  const rules = async (): Promise<string> => (await held(host)).replaceAll(/^(?:create|add) .*\n?/gm, '');
  const before = await rules();
  await host.configure('deny = "RU"\n');
  assert.equal((await host.geofence('refresh')).exitCode, 0);
  const fenced = await rules();
  host.kernel.failOn(/^-X GEOFENCE$/, { times });
  assert.match((await host.geofence('remove')).stderr, /, the firewall is as it was: /);
  assert.equal(await rules(), fenced);
  assert.equal((await host.geofence('rollback')).exitCode, 0);
  assert.equal(await rules(), before);
});
