import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmod, mkdir, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { cliPath } from '../helpers/cli.ts';
import { projectRoot } from '../helpers/golden.ts';
import type { Host } from '../helpers/host.ts';
import { startHost } from '../helpers/host.ts';
import { kernelSkip } from '../helpers/kernel-skip.ts';
import type { Finished } from '../helpers/netns.ts';
import { tryAsOtherUser } from '../helpers/other-user.ts';

const skip = await kernelSkip('nft');

/** What is /run for the jobs of a host. */
const runFolder = (host: Host): string => join(host.cache, '..', 'run');

/** The lock of the weekly job where nobody names another. */
const lockOf = (host: Host): string => join(runFolder(host), 'geofence-weekly.lock');

/** Runs a file of cron/ as it is run where geofence and node are installed in /usr/local/sbin, with cron's PATH. */
async function runInstalled(host: Host, file: string): Promise<Finished> {
  const bin = join(host.cache, '..', 'sbin');
  await mkdir(runFolder(host), { recursive: true });
  if ((await mkdir(bin, { recursive: true })) !== undefined) {
    await symlink(cliPath, join(bin, 'geofence'));
    await symlink(process.execPath, join(bin, 'node'));
  }
  return await host.namespace.finish('unshare', [
    '--mount',
    'env',
    '-i',
    'PATH=/usr/bin:/bin',
    'GEOFENCE_JITTER_SECONDS=0',
    `GEOFENCE_CACHE_DIR=${host.cache}`,
    `GEOFENCE_STATE_DIR=${join(host.cache, 'state')}`,
    `GEOFENCE_CONFIG=${host.config}`,
    'sh',
    '-c',
    `mount --bind ${bin} /usr/local/sbin && mount --bind ${runFolder(host)} /run && sh ${join(projectRoot(), 'cron', file)}`,
  ]);
}

const ok = { status: 0, stdout: '', stderr: '' };

test(
  'cron/geofence.weekly keeps the fence that was set up by hand, and says nothing',
  { skip },
  async (t) => {
    const host = await startHost(t);
    assert.deepEqual(await host.geofence(['refresh', '--allow', 'CA']), ok);
    const fenced = await host.kernel();
    await host.tool('ipset', 'flush', 'geofence-main-allow-4');
    assert.deepEqual(await runInstalled(host, 'geofence.weekly'), ok);
    assert.equal(await host.kernel(), fenced);
  },
);

test('cron/geofence.weekly does not run twice at once, and says so', { skip }, async (t) => {
  const host = await startHost(t);
  await mkdir(runFolder(host));
  const holder = host.namespace.start('flock', [lockOf(host), 'sh', '-c', 'echo held; exec sleep 3']);
  t.after(() => holder.kill());
  await once(holder.stdout, 'data');
  const { status, stderr, stdout } = await runInstalled(host, 'geofence.weekly');
  assert.equal(
    stderr,
    'geofence: the weekly refresh did not start, for the one before still holds /run/geofence-weekly.lock\n',
  );
  assert.equal(stdout, '');
  assert.equal(status, 75);
});

test('cron/geofence.weekly has a lock that nobody but root can hold', { skip }, async (t) => {
  const host = await startHost(t);
  await chmod(join(host.cache, '..'), 0o755);
  await host.geofence(['refresh', '--allow', 'CA']);
  assert.deepEqual(await runInstalled(host, 'geofence.weekly'), ok);
  assert.equal((await stat(lockOf(host))).mode & 0o777, 0o600);
  // flock(2) is content with a file that is open for reading.
  const told = await tryAsOtherUser('flock', '--nonblock', lockOf(host), 'true');
  if (told === undefined) return;
  assert.match(told.stderr, /cannot open lock file .*: Permission denied/);
});

test('cron/geofence.weekly lets errors be mailed', { skip }, async (t) => {
  const host = await startHost(t);
  const { status, stderr } = await runInstalled(host, 'geofence.weekly');
  assert.match(stderr, /^geofence: Cannot tell whom to let in/);
  assert.equal(status, 2);
});

test(
  'cron/rc.firewall.local brings the fence back after a flush, any number of times',
  { skip },
  async (t) => {
    const host = await startHost(t);
    assert.deepEqual(await host.geofence(['refresh', '--allow', 'CA']), ok);
    const fenced = await host.kernel();
    for (let i = 0; i < 2; i++) {
      await host.tool('iptables', '-t', 'mangle', '-F');
      assert.deepEqual(await runInstalled(host, 'rc.firewall.local'), ok);
      assert.equal(await host.kernel(), fenced);
    }
  },
);
