import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, chown, mkdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import type { StatusReport } from '../../src/report/status.ts';
import type { FencedHost } from '../helpers/fenced-host.ts';
import { startFencedHost } from '../helpers/fenced-host.ts';

/** Everybody gets in: what somebody without privilege would like root to apply. */
const planted = JSON.stringify({
  settings: { allow: ['CA'], allow_subnets: ['0.0.0.0/0'] },
  inForce: { allow: ['CA'], allow_subnets: ['0.0.0.0/0'] },
  forced: ['escape', 'empty-set', 'too-wide', 'ssh-peer'],
});

/** Only root in a user namespace of many users can; returns whether. In CI root has to be one who can. */
async function giveAway(path: string): Promise<boolean> {
  try {
    await chown(path, 4321, 4321);
    return true;
  } catch (error) {
    if (process.getuid?.() === 0 && (process.env['CI'] ?? '') !== '') throw error;
    return false;
  }
}

interface Plant {
  readonly name: string;
  readonly reason: RegExp;
  /** Plants it; false where this user cannot. */
  readonly plant: (policy: string, dir: string) => Promise<boolean | void>;
}

const plants: readonly Plant[] = [
  {
    name: 'that belongs to another user',
    reason: /it belongs to user 4321/,
    plant: async (policy) => await giveAway(policy),
  },
  {
    name: 'that everybody may write',
    reason: /everybody may write it/,
    plant: async (policy) => await chmod(policy, 0o646),
  },
  {
    name: 'that its group may write',
    reason: /its group may write it/,
    plant: async (policy) => await chmod(policy, 0o664),
  },
  {
    name: 'in a folder that everybody may write',
    reason: /its folder ".*state": everybody may write it/,
    plant: async (_, dir) => await chmod(dir, 0o777),
  },
  {
    name: 'in a folder of another user',
    reason: /its folder ".*state": it belongs to user 4321/,
    plant: async (_, dir) => await giveAway(dir),
  },
  {
    name: 'that is a link',
    reason: /it is a symbolic link/,
    plant: async (policy, dir) => {
      const elsewhere = join(dir, '..', 'elsewhere.json');
      await writeFile(elsewhere, planted);
      await rm(policy);
      await symlink(elsewhere, policy);
    },
  },
  {
    name: 'that is a pipe',
    reason: /it is not a plain file/,
    plant: async (policy) => {
      await rm(policy);
      execFileSync('/bin/sh', ['-c', 'mkfifo "$0"', policy]);
    },
  },
  {
    name: 'of 100 MB',
    reason: /it is larger than 1 MiB/,
    plant: async (policy) => await truncate(policy, 100e6),
  },
];

const stateOf = (host: FencedHost): string => join(host.dir, 'cache', 'state');

/** The problem that `status` has with what was planted, which is one of its own, and exit code 3. */
async function problemOf(host: FencedHost): Promise<StatusReport['problems'][number] | undefined> {
  const { exitCode, stdout } = await host.geofence('status', '--json');
  assert.equal(exitCode, 3);
  return (JSON.parse(stdout) as StatusReport).problems.find(({ message }) => message.includes('policy.json'));
}

for (const { name, reason, plant } of plants) {
  test(`a planted policy ${name} is not used, and never taken for none`, async (t) => {
    const host = await startFencedHost(t);
    const dir = stateOf(host);
    const policy = join(dir, 'policy.json');
    await writeFile(policy, planted);
    if ((await plant(policy, dir)) === false) {
      t.skip('this user can give no file away');
      return;
    }
    const before = await host.state();
    for (const command of ['refresh', 'restore', 'fetch']) {
      const { exitCode, stderr } = await host.geofence(command);
      assert.match(stderr, reason, command);
      assert.match(stderr, /^geofence: Cannot use the remembered policy ".*policy\.json": /m, command);
      assert.equal(exitCode, 1, command);
    }
    assert.equal(await host.state(), before);
    const problem = await problemOf(host);
    assert.match(problem?.message ?? '', reason);
    assert.match(problem?.remedy ?? '', /geofence refresh --allow COUNTRIES/);
  });
}

test('state of a folder that others may write is neither read nor written, and no lock is taken there', async (t) => {
  const host = await startFencedHost(t);
  await chmod(stateOf(host), 0o777);
  const before = await readFile(join(stateOf(host), 'policy.json'), 'utf8');
  const refused = await host.geofence('refresh', '--deny', 'RU');
  assert.match(
    refused.stderr,
    /^geofence: Cannot use the state folder ".*state": everybody may write it\n {2}hint: .*chmod go-w/m,
  );
  assert.equal(refused.exitCode, 1);
  assert.equal(await readFile(join(stateOf(host), 'policy.json'), 'utf8'), before);
  const removed = await host.geofence('remove');
  assert.match(removed.stderr, /warning: going on without a lock of the state: Cannot use the state folder/);
  assert.match(
    removed.stderr,
    /warning: rollback will not bring the fence back: Cannot use the state folder/,
  );
  assert.equal(removed.exitCode, 0, 'it is the emergency exit');
});

test('state files that are JSON and not ours are damage, never a crash', async (t) => {
  const host = await startFencedHost(t);
  await host.geofence('refresh', '--deny', 'RU');
  for (const text of [
    'null',
    '[]',
    '3',
    '"x"',
    '{}',
    '',
    '{"version":1}',
    '{"version":"1"}',
    '{"version":-1}',
  ]) {
    for (const name of ['policy', 'former', 'pending']) {
      await writeFile(join(stateOf(host), `${name}.json`), text, { mode: 0o644 });
    }
    for (const command of [['refresh'], ['restore'], ['rollback'], ['confirm']]) {
      const { exitCode, stderr } = await host.geofence(...command);
      assert.doesNotMatch(stderr, /internal error/, `${command.join(' ')} ${text}`);
      assert.equal(exitCode, 1, `${command.join(' ')} ${text}: ${stderr}`);
    }
    assert.match(
      (await problemOf(host))?.message ?? text,
      /the remembered policy ".*policy\.json" cannot be used: /,
    );
  }
  const stated = await host.geofence('refresh', '--deny', 'RU');
  assert.match(
    stated.stderr,
    /warning: the remembered policy ".*policy\.json" cannot be used: .*; it counts as absent\n/,
  );
  assert.match(stated.stderr, /warning: .*the change to be confirmed ".*pending\.json".*counts as absent/);
  assert.equal(stated.exitCode, 0, stated.stderr);
  assert.equal((await host.geofence('status')).exitCode, 0, 'what was damaged is written anew');
});

test('a state folder that is missing, or only holds other things, is no damage', async (t: TestContext) => {
  const host = await startFencedHost(t);
  await rm(stateOf(host), { recursive: true });
  const { exitCode, stderr } = await host.geofence('refresh');
  assert.match(stderr, /Cannot tell whom to let in: no mode on the command line/);
  assert.equal(exitCode, 2);
  await mkdir(stateOf(host), { recursive: true, mode: 0o755 });
  assert.equal((await host.geofence('refresh')).exitCode, 2);
});
