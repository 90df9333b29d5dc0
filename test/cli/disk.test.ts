import assert from 'node:assert/strict';
import { chmod, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Host } from '../helpers/host.ts';
import { startHost } from '../helpers/host.ts';
import { kernelSkip } from '../helpers/kernel-skip.ts';

const skip = await kernelSkip('nft');

const ok = { status: 0, stdout: '', stderr: '' };

/** Words that run the rest in a mount namespace of its own, after a shell command. */
const mounted = (command: string): string[] => [
  'unshare',
  '--mount',
  'sh',
  '-c',
  `${command} && exec "$@"`,
  'sh',
];

/** Puts a copy of the cache on a small file system of its own, and fills it to the last block. */
function onFullTmpfs({ cache }: Host, options: string): string[] {
  const copy = `cp -a ${cache} ${cache}.copy && mount -t tmpfs -o size=256k tmpfs ${cache} && cp -a ${cache}.copy/. ${cache}`;
  const fill = `{ dd if=/dev/zero of=${cache}/fill bs=4k 2>/dev/null; mount -o remount,${options} ${cache}; }`;
  return mounted(`${copy} && rm -r ${cache}.copy && ${fill}`);
}

test('geofence refresh on a full disk fails and leaves fence and cache as they are', { skip }, async (t) => {
  const host = await startHost(t);
  assert.deepEqual(await host.geofence(['refresh', '--allow', 'CA']), ok);
  const before = await host.kernel();
  for (const args of [
    ['refresh', '--max-zone-age', '0'],
    ['refresh', '--deny', 'RU'],
    ['fetch', '--deny', 'RU'],
  ]) {
    const { status, stderr } = await host.geofence(args, onFullTmpfs(host, 'rw'));
    assert.match(stderr, /^geofence: Cannot (lock|write) ".*": disk is full\n/, args.join(' '));
    assert.equal(status, 1);
    assert.equal(await host.kernel(), before);
  }
});

for (const { name, options, warns } of [
  // A folder can be made on it, which is all the lock needs.
  { name: 'full', options: 'rw', warns: '' },
  {
    name: 'read-only',
    options: 'ro',
    warns:
      'geofence: warning: going on without a lock of the state: Cannot lock ".*": the file system is read-only\n',
  },
]) {
  test(`geofence restore brings the fence back with a ${name} disk`, { skip }, async (t) => {
    const host = await startHost(t);
    assert.deepEqual(await host.geofence(['refresh', '--allow', 'CA']), ok);
    const fenced = await host.kernel();
    await host.tool('iptables', '-t', 'mangle', '-F', 'PREROUTING');
    await host.tool('ipset', 'flush', 'geofence-main-allow-6');
    const { status, stderr } = await host.geofence(['restore'], onFullTmpfs(host, options));
    assert.match(stderr.replaceAll(/.*: the history does not tell .*\n/g, ''), new RegExp(`^${warns}$`));
    assert.equal(status, 0);
    assert.equal(await host.kernel(), fenced);
  });
}

test('geofence says that the cache belongs to somebody else', { skip }, async (t) => {
  const host = await startHost(t);
  await mkdir(host.cache);
  await chmod(host.cache, 0o555);
  // root may write everywhere: without its capabilities it is like everybody else.
  const powerless = ['setpriv', '--bounding-set=-all', '--inh-caps=-all', '--no-new-privs'];
  const { status, stderr } = await host.geofence(['fetch', '--allow', 'CA'], powerless);
  assert.match(
    stderr,
    /^geofence: Cannot lock ".*cache": permission denied\n {2}hint: run as its owner, or choose another folder/,
  );
  assert.equal(status, 1);
  await chmod(host.cache, 0o755);
});

test('geofence needs no PATH, no temporary folder and no language', { skip }, async (t) => {
  const host = await startHost(t);
  const env = [
    'PATH=/nonexistent',
    'TMPDIR=/nonexistent',
    'LC_ALL=de_DE.UTF-8',
    'LANGUAGE=de',
    'LANG=tr_TR.UTF-8',
  ];
  assert.deepEqual(await host.geofence(['refresh', '--allow', 'CA'], env), ok);
  assert.equal((await host.geofence(['status'], env)).status, 0);
  assert.deepEqual(await host.geofence(['remove'], env), ok);
});

for (const tool of ['ipset', 'iptables-restore', 'iptables-save']) {
  test(`geofence takes no harm from warnings of ${tool}`, { skip }, async (t) => {
    const host = await startHost(t);
    const path = (await host.tool('readlink', '-f', `/usr/sbin/${tool}`)).trim();
    const [real, wrapper] = [join(host.cache, '..', 'real'), join(host.cache, '..', 'wrapper')];
    await copyFile(path, real);
    await writeFile(
      wrapper,
      `#!/bin/bash\necho "Warning: in line 3: something is deprecated" >&2\nexec -a "$0" ${real} "$@"\n`,
    );
    await chmod(wrapper, 0o755);
    const noisy = mounted(`mount --bind ${wrapper} ${path}`);
    const { status, stderr } = await host.geofence(['refresh', '--allow', 'CA'], noisy);
    assert.equal(stderr, '');
    assert.equal(status, 0);
    assert.equal((await host.geofence(['status'], noisy)).status, 0);
    assert.deepEqual(await host.geofence(['refresh'], noisy), ok);
  });
}

test(
  'twenty runs at once: with --wait all work, without one works and the others exit with 75',
  { skip },
  async (t) => {
    const host = await startHost(t);
    const run = async (...args: string[]) =>
      await Promise.all(
        Array.from({ length: 20 }, async () => await host.geofence(['refresh', '--allow', 'CA', ...args])),
      );
    const impatient = (await run()).map(({ status }) => status);
    assert.ok(impatient.includes(0));
    assert.deepEqual(
      impatient.filter((status) => status !== 0 && status !== 75),
      [],
    );
    const patient = await run('--wait', '60');
    assert.deepEqual(
      patient,
      Array.from({ length: 20 }, () => ok),
    );
    assert.equal((await host.geofence(['status'])).status, 0);
    const sets = (await host.tool('ipset', 'list', '-n')).trim().split('\n').sort();
    const wanted = ['established', 'grace', 'main-allow'].flatMap((name) => [
      `geofence-${name}-4`,
      `geofence-${name}-6`,
    ]);
    assert.deepEqual(sets, wanted);
  },
);

test(
  'a saved ruleset with our rules restores after geofence restore --sets-only, and not without',
  { skip },
  async (t) => {
    const host = await startHost(t);
    await host.tool('iptables', '-A', 'INPUT', '-p', 'tcp', '--dport', '23', '-j', 'DROP');
    assert.deepEqual(await host.geofence(['refresh', '--allow', 'CA']), ok);
    const fenced = await host.inForce();
    const saved = [await host.tool('iptables-save'), await host.tool('ip6tables-save')];
    // The reboot.
    for (const tool of ['iptables', 'ip6tables']) {
      for (const table of ['raw', 'mangle', 'filter']) {
        await host.tool(tool, '-t', table, '-F');
        await host.tool(tool, '-t', table, '-X');
      }
    }
    await host.tool('ipset', 'destroy');
    const load = async (): Promise<void> => {
      await host.namespace.run('iptables-restore', [], { input: saved[0]! });
      await host.namespace.run('ip6tables-restore', [], { input: saved[1]! });
    };
    await assert.rejects(load, /Set geofence-main-allow-4 doesn't exist/);
    assert.doesNotMatch(await host.tool('iptables-save'), /--dport 23/, 'the trap: no firewall at all');
    const offline = ['GEOFENCE_MIRROR=http://name.invalid', `GEOFENCE_CACHE_DIR=${host.cache}`];
    assert.deepEqual(await host.geofence(['restore', '--sets-only'], offline), ok);
    assert.doesNotMatch(await host.tool('iptables-save'), /GEOFENCE/, 'sets only');
    await load();
    assert.deepEqual(await host.geofence(['restore'], offline), ok);
    assert.equal(await host.inForce(), fenced);
  },
);

test('geofence restore may run any number of times', { skip }, async (t) => {
  const host = await startHost(t);
  assert.deepEqual(await host.geofence(['refresh', '--allow', 'CA']), ok);
  const fenced = await host.kernel();
  for (let i = 0; i < 5; i++) assert.deepEqual(await host.geofence(['restore', '--wait', '5']), ok);
  assert.equal(await host.kernel(), fenced);
});

test('geofence does not follow a link that was planted in the cache', { skip }, async (t) => {
  const host = await startHost(t);
  assert.deepEqual(await host.geofence(['refresh', '--allow', 'CA']), ok);
  const target = join(host.cache, '..', 'target');
  await writeFile(target, 'precious\n');
  await host.tool('ln', '-sf', target, join(host.cache, 'ipv4', 'ca.zone'));
  const { status, stderr } = await host.geofence(['refresh']);
  assert.match(stderr, /CA IPv4: the cached copy cannot be used: it is a symbolic link/);
  assert.equal(status, 0);
  assert.equal(await readFile(target, 'utf8'), 'precious\n');
});
