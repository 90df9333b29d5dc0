import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Host } from '../helpers/host.ts';
import { startHost, startServer } from '../helpers/host.ts';
import { kernelSkip } from '../helpers/kernel-skip.ts';

const skip = await kernelSkip('nft');

const ok = { status: 0, stdout: '', stderr: '' };

const holderPath = fileURLToPath(new URL('../helpers/lock-holder.js', import.meta.url));

/** Another run that holds the lock of a folder, until its input ends. */
async function hold(t: TestContext, host: Host, dir: string): Promise<ChildProcess> {
  const holder = host.namespace.start(process.execPath, [holderPath, dir]);
  t.after(() => holder.kill());
  const [said] = (await once(holder.stdout, 'data')) as [Buffer];
  assert.equal(String(said), 'locked\n');
  return holder;
}

const kernelFolderOf = async (host: Host): Promise<string> =>
  `/run/geofence/net-${(await host.tool('stat', '-Lc', '%i', '/proc/self/ns/net')).trim()}`;

test(
  'whoever changes the kernel waits for the lock of its network namespace, whatever the folders',
  {
    skip,
  },
  async (t) => {
    const host = await startHost(t);
    assert.deepEqual(await host.geofence(['refresh', '--allow', 'CA']), ok);
    const fenced = await host.kernel();
    const dir = await kernelFolderOf(host);
    const holder = await hold(t, host, dir);
    for (const args of [['refresh', '--deny', 'RU'], ['restore'], ['rollback'], ['remove']]) {
      const { status, stderr } = await host.geofence(args);
      assert.match(stderr, new RegExp(`^geofence: Cannot lock "${dir}": another geofence run holds it\n`));
      assert.equal(status, 75, args.join(' '));
    }
    const elsewhere = ['--state-dir', join(host.cache, '..', 'elsewhere')];
    const other = host.geofence(['refresh', '--deny', 'RU', ...elsewhere, '--wait', '20']);
    for (const args of [['status'], ['fetch'], ['check', '192.0.2.1']])
      assert.equal((await host.geofence(args)).status, 0, `${args.join(' ')} does not wait`);
    assert.equal(await host.kernel(), fenced);
    holder.stdin?.end();
    assert.deepEqual(await other, ok);
    assert.notEqual(await host.kernel(), fenced);
  },
);

test(
  'two state folders are one lock on one kernel: runs from both leave a whole fence',
  { skip },
  async (t) => {
    const host = await startHost(t);
    assert.deepEqual(await host.geofence(['fetch', '--allow', 'CA,RU']), ok);
    const run = async (i: number) =>
      await host.geofence([
        'refresh',
        '--offline',
        '--wait',
        '25',
        ...(i % 2 === 0 ? ['--allow', 'CA'] : ['--deny', 'RU']),
        '--state-dir',
        join(host.cache, '..', `state-${i}`),
      ]);
    assert.deepEqual(
      await Promise.all([0, 1, 2, 3, 4, 5].map(run)),
      [0, 1, 2, 3, 4, 5].map(() => ok),
    );
  },
);

/** Words that run the rest where /run is as a shell command makes it. */
const withRun = (command: string): string[] => [
  'unshare',
  '--mount',
  'sh',
  '-c',
  `mount -t tmpfs tmpfs /run && ${command} && exec "$@"`,
  'sh',
];

for (const { name, command } of [
  { name: '/run cannot be written', command: 'mount -o remount,ro /run' },
  { name: 'another user made the folder', command: 'mkdir -m 777 /run/geofence' },
])
  test(`the lock of the state folder is all there is where ${name}`, { skip }, async (t) => {
    const host = await startHost(t);
    assert.deepEqual(await host.geofence(['refresh', '--allow', 'CA'], withRun(command)), ok);
    await hold(t, host, join(host.cache, 'state'));
    assert.equal((await host.geofence(['refresh', '--deny', 'RU'], withRun(command))).status, 75);
  });

test('status and restore do not wait for a run that fetches', { skip }, async (t) => {
  const host = await startHost(t);
  assert.deepEqual(await host.geofence(['refresh', '--allow', 'CA']), ok);
  const slow = await startServer(t, host.namespace, join(host.cache, '..'), ['--latency', '5000']);
  let hasEnded = false;
  const fetching = host
    .geofence(['refresh', '--deny', 'RU'], [`GEOFENCE_MIRROR=${slow}`])
    .finally(() => (hasEnded = true));
  for (let isFetching = false; !isFetching;)
    isFetching = await access(join(host.cache, '.lock')).then(
      () => true,
      () => false,
    );
  for (const args of [['status'], ['restore']]) assert.equal((await host.geofence(args)).status, 0);
  assert.equal(hasEnded, false, 'it still fetches');
  assert.equal((await fetching).status, 0);
});
