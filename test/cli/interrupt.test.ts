import assert from 'node:assert/strict';
import { chmod, copyFile, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { cliPath } from '../helpers/cli.ts';
import type { Host } from '../helpers/host.ts';
import { startHost } from '../helpers/host.ts';
import { kernelSkip } from '../helpers/kernel-skip.ts';

const skip = await kernelSkip('nft');

const ok = { status: 0, stdout: '', stderr: '' };

/** Starts a refresh whose ip6tables-restore takes its time, and tells when it is at it. */
async function startSlowRefresh(host: Host): Promise<{ pid: Promise<number>; ended: Promise<unknown[]> }> {
  const folder = join(host.cache, '..');
  const path = (await host.tool('readlink', '-f', '/usr/sbin/iptables-restore')).trim();
  const [real, wrapper] = [join(folder, 'real'), join(folder, 'wrapper')];
  await copyFile(path, real);
  const slow = 'case "$0 $*" in *ip6tables-restore*noflush*) echo at it >&2; sleep 1;; esac';
  await writeFile(wrapper, `#!/bin/bash\n${slow}\nexec -a "$0" ${real} "$@"\n`);
  await chmod(wrapper, 0o755);
  const script = `mount --bind ${wrapper} ${path} && echo $$ && exec "$@"`;
  const child = host.namespace.start('unshare', [
    '--mount',
    'env',
    `GEOFENCE_MIRROR=${host.mirror}`,
    `GEOFENCE_CACHE_DIR=${host.cache}`,
    `GEOFENCE_STATE_DIR=${join(host.cache, 'state')}`,
    `GEOFENCE_CONFIG=${host.config}`,
    'sh',
    '-c',
    script,
    'sh',
    process.execPath,
    cliPath,
    'refresh',
    '--deny',
    'RU',
    '--verbose',
  ]);
  const pid = once(child.stdout, 'data').then(([data]) => Number(String(data)));
  await new Promise<void>((resolve) => {
    child.stderr.on('data', (data: Buffer) => {
      if (data.includes('ip6tables-restore --noflush')) resolve();
    });
  });
  return { pid, ended: once(child, 'close') };
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  test(
    `${signal} in the middle of a change: it is finished, verified and remembered`,
    { skip },
    async (t) => {
      const host = await startHost(t);
      assert.deepEqual(await host.geofence(['refresh', '--allow', 'CA']), ok);
      const { pid, ended } = await startSlowRefresh(host);
      process.kill(await pid, signal);
      const [status] = await ended;
      assert.equal(status, 0);
      const { status: healthy, stdout } = await host.geofence(['status']);
      assert.match(stdout, /^policy +deny RU/m);
      assert.equal(healthy, 0);
    },
  );
}

test('geofence status in the middle of a change waits for its end, and tells that', { skip }, async (t) => {
  const host = await startHost(t);
  assert.deepEqual(await host.geofence(['refresh', '--allow', 'CA']), ok);
  const { ended } = await startSlowRefresh(host);
  const line = await host.geofence(['status', '--check']);
  assert.match(line.stdout, /^OK.*deny RU/);
  assert.equal(line.status, 0);
  assert.deepEqual(await ended, [0, null]);
});

test('a reader of the log who goes away does not stop a change', { skip }, async (t) => {
  const host = await startHost(t);
  for (let lines = 1; lines < 20; lines += 4) {
    const [policy, mode] = lines % 8 === 1 ? ['--allow', 'CA'] : ['--deny', 'RU'];
    const pipe = ['bash', '--norc', '-c', `"$@" 2> >(head -n ${lines} >/dev/null)`, 'bash'];
    assert.equal((await host.geofence(['refresh', policy, mode, '--verbose'], pipe)).status, 0);
    assert.equal((await host.geofence(['status'])).status, 0);
  }
});

test(
  'Ctrl-C while waiting for a server leaves everything as it is, with exit code 1',
  { skip },
  async (t) => {
    const host = await startHost(t);
    assert.deepEqual(await host.geofence(['refresh', '--allow', 'CA']), ok);
    const before = await host.kernel();
    const hanging =
      "require('node:net').createServer(() => {}).listen(0, '127.0.0.1', function () { console.log(this.address().port) })";
    const server = host.namespace.start(process.execPath, ['-e', hanging]);
    t.after(() => server.kill());
    const [port] = (await once(server.stdout, 'data')) as [Buffer];
    const interrupt = `"$@" & child=$!; sleep 0.7; kill -INT $child; wait $child`;
    const { status, stderr } = await host.geofence(
      ['refresh', '--deny', 'RU'],
      [`GEOFENCE_MIRROR=http://127.0.0.1:${String(port).trim()}`, 'bash', '--norc', '-c', interrupt, 'bash'],
    );
    assert.equal(stderr, 'geofence: Interrupted by SIGINT, the firewall is as it was\n');
    assert.equal(status, 1);
    assert.equal(await host.kernel(), before);
    assert.deepEqual(await host.geofence(['refresh']), ok, 'no lock is left');
  },
);
