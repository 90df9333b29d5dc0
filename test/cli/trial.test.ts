import assert from 'node:assert/strict';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { Host } from '../helpers/host.ts';
import { startHost } from '../helpers/host.ts';
import { kernelSkip } from '../helpers/kernel-skip.ts';

const skip = await kernelSkip('nft');

const ok = { status: 0, stdout: '', stderr: '' };

const stateOf = (host: Host): string => join(host.cache, 'state');

/** With its state on a small file system of its own, and a table in the kernel that looks the same when it is empty. */
async function startHostWithDisk(t: Parameters<typeof startHost>[0]): Promise<Host> {
  const host = await startHost(t);
  await host.tool('mkdir', '-p', stateOf(host));
  await host.tool('mount', '-t', 'tmpfs', '-o', 'size=256k,mode=755', 'tmpfs', stateOf(host));
  for (const tool of ['iptables', 'ip6tables'])
    await host.tool(tool, '-t', 'mangle', '-A', 'FORWARD', '-j', 'ACCEPT');
  return host;
}

interface Fault {
  readonly name: string;
  readonly reason: RegExp;
  readonly begin: (host: Host) => Promise<unknown>;
  readonly end: (host: Host) => Promise<unknown>;
}

const faults: readonly Fault[] = [
  {
    name: 'read-only',
    reason: /the file system is read-only/,
    begin: async (host) => await host.tool('mount', '-o', 'remount,ro', stateOf(host)),
    end: async (host) => await host.tool('mount', '-o', 'remount,rw', stateOf(host)),
  },
  {
    name: 'full',
    reason: /disk is full/,
    begin: async (host) => await host.tool('sh', '-c', `cat /dev/zero >${stateOf(host)}/fill 2>&- || true`),
    end: async (host) => await host.tool('rm', join(stateOf(host), 'fill')),
  },
];

/** Waits until the kernel holds this, 20 seconds at most. */
async function waitFor(host: Host, wanted: string): Promise<void> {
  const look = async (): Promise<string> => await host.kernel().catch(() => 'in the middle of a change');
  for (let attempt = 0; attempt < 200 && (await look()) !== wanted; attempt++) await setTimeout(100);
  assert.equal(await host.kernel(), wanted);
}

const readPending = async (host: Host): Promise<{ id: string; until: string }> =>
  JSON.parse(await host.tool('cat', join(stateOf(host), 'pending.json'))) as { id: string; until: string };

/** Kills the timer of the change on trial, and lets its time pass. */
async function loseTimer(host: Host): Promise<void> {
  const pending = await readPending(host);
  process.kill(Number(await host.tool('pgrep', '-f', pending.id)), 'SIGKILL');
  const text = JSON.stringify({ ...pending, until: '2020-01-01T00:00:00Z' });
  await host.tool('sh', '-c', `echo '${text}' >${stateOf(host)}/pending.json`);
}

for (const { name, reason, begin, end } of faults) {
  test(`geofence begins no trial with a ${name} state folder`, { skip }, async (t) => {
    const host = await startHostWithDisk(t);
    assert.deepEqual(await host.geofence(['refresh', '--allow', 'CA']), ok);
    const before = await host.kernel();
    await begin(host);
    const { status, stderr } = await host.geofence(['refresh', '--deny', 'RU', '--confirm', '60']);
    assert.match(stderr, reason);
    assert.equal(status, 1);
    assert.equal(await host.kernel(), before);
    await end(host);
    assert.equal((await host.geofence(['status'])).status, 0, 'nothing is on trial');
    assert.deepEqual(await host.geofence(['refresh', '--deny', 'RU']), ok);
  });

  test(
    `a trial ends in time with a state folder that became ${name}, and stays ended`,
    { skip },
    async (t) => {
      const host = await startHostWithDisk(t);
      await host.configure('sources = ["ipdeny"]\nallow = "CA"\n');
      assert.deepEqual(await host.geofence(['refresh']), ok);
      const before = await host.kernel();
      await host.configure('sources = ["ipdeny"]\ndeny = "RU"\n');
      assert.deepEqual(await host.geofence(['refresh', '--confirm', '3']), ok);
      assert.notEqual(await host.kernel(), before);
      await begin(host);
      await waitFor(host, before);
      const meanwhile = await host.geofence(['refresh', '--wait', '20']);
      assert.match(
        meanwhile.stderr,
        /warning: the fence was taken back, and that is not noted: Cannot write/,
      );
      assert.match(meanwhile.stderr, reason);
      assert.notEqual(meanwhile.status, 0);
      assert.equal(await host.kernel(), before);
      await end(host);
      const later = await host.geofence(['refresh']);
      assert.match(later.stderr, /warning: taking back the change that nobody confirmed until /);
      assert.match(later.stderr, /\(guard unconfirmed\)/);
      assert.equal(later.status, 4);
      assert.equal(await host.kernel(), before);
      assert.equal((await host.geofence(['refresh', '--allow', 'CA,KP'])).status, 0, 'it is not stuck');
    },
  );

  test(`geofence rollback works with a ${name} state folder, and can be noted later`, { skip }, async (t) => {
    const host = await startHostWithDisk(t);
    const none = await host.kernel();
    assert.deepEqual(await host.geofence(['refresh', '--allow', 'CA']), ok);
    await begin(host);
    const { status, stderr } = await host.geofence(['rollback']);
    assert.match(
      stderr,
      /warning: the fence was taken back, and that is not noted: Cannot .*; once it can be, say "geofence rollback" again\n/,
    );
    assert.match(stderr, reason);
    assert.equal(status, 0);
    assert.equal(await host.kernel(), none);
    await end(host);
    assert.deepEqual(await host.geofence(['rollback']), ok);
    assert.equal((await host.geofence(['refresh'])).status, 2, 'no policy is remembered');
    assert.equal(await host.kernel(), none);
  });
}

test('geofence rollback goes on with a first fence that it can forget and not note', { skip }, async (t) => {
  const host = await startHostWithDisk(t);
  const none = await host.kernel();
  assert.deepEqual(await host.geofence(['refresh', '--allow', 'CA']), ok);
  await faults[1]!.begin(host);
  assert.equal((await host.geofence(['rollback'])).status, 0);
  await faults[1]!.end(host);
  assert.equal(
    (await host.geofence(['refresh'])).status,
    2,
    'the policy went, though nothing could be written',
  );
  assert.equal(await host.kernel(), none);
});

test(
  'a change whose timer was killed is taken back by any later run, and told by status',
  { skip },
  async (t) => {
    const host = await startHostWithDisk(t);
    assert.deepEqual(await host.geofence(['refresh', '--allow', 'CA']), ok);
    const before = await host.kernel();
    const onTrial = async (): Promise<void> => {
      await host.configure('sources = ["ipdeny"]\n');
      assert.deepEqual(await host.geofence(['refresh', '--deny', 'RU', '--confirm', '60']), ok);
      await loseTimer(host);
    };
    await onTrial();
    const tried = await host.kernel();
    const told = await host.geofence(['status']);
    assert.match(told.stdout, /the last change should have been taken back at 2020-01-01/);
    assert.equal(told.status, 3);
    for (const args of [['remove', '--dry-run'], ['refresh', '--dry-run'], ['zones']])
      await host.geofence(args);
    assert.equal(await host.kernel(), tried, 'status and dry runs change nothing');
    assert.equal((await host.geofence(['refresh'])).status, 0);
    assert.equal(await host.kernel(), before);
    for (const { args, status } of [
      { args: ['refresh', '--allow', 'CA', '--confirm', '60', '--offline'], status: 0 },
      { args: ['fetch'], status: 0 },
      { args: ['plan'], status: 0 },
      { args: ['check', '192.0.2.1'], status: 0 },
      { args: ['confirm'], status: 1 },
      { args: ['restore'], status: 0 },
      { args: ['rollback'], status: 0 },
      { args: ['init', '--yes', '--allow', 'CA', '--offline'], status: 0 },
    ]) {
      await onTrial();
      const run = await host.geofence(args);
      assert.equal(run.status, status, `${args.join(' ')}: ${run.stderr}`);
      assert.equal(await host.kernel(), before, args.join(' '));
    }
  },
);

test(
  'an overdue change is taken back before anything that can fail: no policy, no source',
  { skip },
  async (t) => {
    const host = await startHostWithDisk(t);
    const none = await host.kernel();
    const onTrial = async (): Promise<void> => {
      assert.deepEqual(await host.geofence(['refresh', '--allow', 'CA', '--confirm', '60']), ok);
      await loseTimer(host);
      assert.notEqual(await host.kernel(), none);
    };
    await onTrial();
    assert.equal((await host.geofence(['refresh', '--quiet'])).status, 2, 'no policy is remembered');
    assert.equal(await host.kernel(), none);
    await onTrial();
    await host.tool('rm', '-r', join(host.cache, 'ipv4'));
    const down = await host.geofence(['refresh', '--deny', 'RU'], ['GEOFENCE_MIRROR=http://127.0.0.1:1']);
    assert.match(down.stderr, /Cannot get zone/);
    assert.equal(down.status, 1);
    assert.equal(await host.kernel(), none);
  },
);

test('geofence refresh says that its policy is not remembered when only that fails', { skip }, async (t) => {
  const host = await startHostWithDisk(t);
  assert.deepEqual(await host.geofence(['refresh', '--deny', 'RU']), ok);
  const wanted = await host.kernel();
  assert.deepEqual(await host.geofence(['refresh', '--deny', 'KP']), ok);
  const path = (await host.tool('readlink', '-f', '/usr/sbin/ipset')).trim();
  const wrapper = join(host.cache, '..', 'ipset');
  await host.tool('cp', path, `${wrapper}.real`);
  await writeFile(
    wrapper,
    `#!/bin/sh\n[ "$1" != restore ] || mount -o remount,ro ${stateOf(host)}\nexec ${wrapper}.real "$@"\n`,
  );
  await chmod(wrapper, 0o755);
  await host.tool('mount', '--bind', wrapper, path);
  const { status, stderr } = await host.geofence(['refresh', '--deny', 'RU']);
  assert.match(
    stderr,
    /warning: the fence is in force, and not remembered: Cannot write ".*policy\.json": the file system is read-only; the next refresh and restore go by what is\n/,
  );
  assert.doesNotMatch(stderr, /as it was/);
  assert.equal(status, 3);
  await host.tool('umount', path);
  assert.equal(await host.kernel(), wanted);
  assert.equal((await host.geofence(['status'])).status, 3);
  await faults[0]!.end(host);
  assert.deepEqual(await host.geofence(['refresh', '--deny', 'RU']), ok);
  assert.equal((await host.geofence(['status'])).status, 0);
});
