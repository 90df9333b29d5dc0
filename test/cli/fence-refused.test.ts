import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { test } from 'node:test';
import type { FencedHost } from '../helpers/fenced-host.ts';
import { startFencedHost } from '../helpers/fenced-host.ts';
import type { CommandOutcome } from '../helpers/in-process.ts';
import { addWeb, filesOf, shown, startThreeFences } from '../helpers/three-fences.ts';

/** Refused, and nothing is written or done; `error` and `hint` are all that is said. */
async function assertRefused(
  host: FencedHost,
  command: readonly string[],
  { error, hint, exitCode = 2 }: { error: string; hint: string; exitCode?: number },
): Promise<void> {
  const before = [await filesOf(host), await readdir(host.dir), await host.state()];
  const result = await host.geofence(...command);
  assert.deepEqual(
    { ...result, stderr: shown(host, result.stderr) },
    { exitCode, stdout: '', stderr: `geofence: ${error}\n  hint: ${hint}\n` },
  );
  assert.deepEqual([await filesOf(host), await readdir(host.dir), await host.state()], before);
}

test('geofence fence add and set refuse a fence that cannot be, and write nothing', async (t) => {
  const host = await startThreeFences(t);
  await assertRefused(host, ['fence', 'add', 'shop', '--allow', 'CA', '--ports', 'tcp/440-450'], {
    error:
      'Cannot use fence "web" from /etc/geofence/fences.d/web.toml: it and fence "shop" from /etc/geofence/fences.d/shop.toml would both decide who gets in to tcp/443',
    hint: 'take tcp/443 out of one of them, or name interfaces in one',
  });
  await assertRefused(host, ['fence', 'add', 'shut', '--deny', '*', '--ports', 'tcp/23'], {
    error:
      'Cannot use fence "shut" from /etc/geofence/fences.d/shut.toml: deny = "*" would shut out everybody',
    hint: 'to close a port, stop what listens there, or drop it in the rest of your firewall',
  });
  for (const name of ['../escape', 'Web', '', '-x', 'longer-than-it-may-be']) {
    await assertRefused(host, ['fence', 'add', '--deny', 'RU', '--', name], {
      error: `Cannot use fence "${name}" from the command line: it cannot be part of the name of a set, of which the kernel takes 31 characters`,
      hint: 'a name has 1 to 10 of a to z, 0 to 9 and "-", and does not begin with "-"',
    });
  }
  await assertRefused(host, ['fence', 'add', 'x'], {
    error: 'Cannot use fence "x" from /etc/geofence/fences.d/x.toml: it states neither allow nor deny',
    hint: 'a fence has one of the two',
  });
  await assertRefused(host, addWeb, {
    error: 'Cannot add fence "web": "/etc/geofence/fences.d/web.toml" has it',
    hint: 'change it with: geofence fence set web',
  });
  await assertRefused(host, ['fence', 'remove', 'nix'], {
    error: 'Cannot remove fence "nix": there is none of that name',
    hint: 'there are: ru, web',
  });
});

test('geofence fence leaves the fence at the top level to refresh and init', async (t) => {
  const host = await startThreeFences(t);
  for (const [verb, ...more] of [['add', '--deny', 'RU'], ['set', '--deny', 'RU'], ['remove']] as const)
    await assertRefused(host, ['fence', verb, 'main', ...more], {
      error: `Cannot ${verb} fence "main": that is the one at the top level`,
      hint: 'state it with: geofence init, or geofence refresh --allow CA',
    });
});

test('geofence fence does not edit a [[fence]] that a person wrote, and says where it stands', async (t) => {
  const host = await startFencedHost(t);
  await host.configure('\n[[fence]]\nname = "a"\ndeny = "RU"\n\n[[fence]]\nname = "ru"\ndeny = "RU"\n');
  for (const command of [
    ['set', 'ru', '--preview'],
    ['remove', 'ru'],
  ]) {
    const verb = command[0] ?? '';
    await assertRefused(host, ['fence', ...command], {
      error: `Cannot ${verb} fence "ru": it stands in "/etc/geofence/geofence.toml", and geofence does not edit that`,
      hint: 'change, or take out, the table that begins at this line:\n    /etc/geofence/geofence.toml:8: [[fence]]',
    });
  }
});

test('geofence fence refuses to shut out the SSH session it runs in, and leaves no file behind', async (t) => {
  const host = await startFencedHost(t);
  const env = { SSH_CONNECTION: '192.0.2.5 50022 192.0.2.1 22' };
  const addSsh = ['fence', 'add', 'ssh', '--allow', 'RU', '--ports', 'ssh'];
  const call = async (...more: string[]): Promise<CommandOutcome> =>
    await host.call([...addSsh, ...more], { env });
  const before = [await host.state(), await readdir(host.dir)];
  const { exitCode, stdout, stderr } = await call();
  assert.match(
    stderr,
    /your own SSH session is from 192\.0\.2\.5, which could not come in again \(guard ssh-peer\)/,
  );
  assert.deepEqual([exitCode, stdout], [4, '']);
  assert.deepEqual([await host.state(), await readdir(host.dir)], before);
  // The same ports that no SSH session is on do no harm, nor does a preview.
  assert.equal((await call('--preview')).exitCode, 0);
  assert.equal((await host.call(['fence', 'set', 'ssh', '--enforce'], { env })).exitCode, 4);
  assert.match((await filesOf(host))['ssh.toml'] ?? '', /preview = true/);
  const spared = ['fence', 'set', 'ssh', '--enforce', '--allow-subnet', '192.0.2.5'];
  assert.equal((await host.call(spared, { env })).exitCode, 0);
});

test('geofence fence leaves file and kernel as they were when a change fails', async (t) => {
  const host = await startThreeFences(t);
  const before = [await filesOf(host), await host.state()];
  for (const command of [
    ['add', 'de', '--deny', 'CA', '--ports', 'tcp/25'],
    ['set', 'ru', '--ports', 'tcp/25'],
    ['remove', 'ru'],
  ]) {
    host.kernel.failOn(/^COMMIT$/, { times: 100 });
    const { exitCode, stderr } = await host.geofence('fence', ...command);
    assert.match(stderr, /^geofence: Cannot apply the fence, the firewall is as it was: /);
    assert.equal(exitCode, 1);
    assert.deepEqual([await filesOf(host), await host.state()], before, command.join(' '));
  }
});

test('geofence fence keeps the file of a fence that holds, although what is left over could not be taken away', async (t) => {
  const host = await startThreeFences(t);
  host.kernel.failOn(/^destroy geofence-ru-deny-4.new/, { times: 100 });
  const { exitCode, stderr } = await host.geofence('fence', 'set', 'ru', '--deny', 'CA');
  assert.match(stderr, /^geofence: Cannot finish the change, the new fence holds: /);
  assert.equal(exitCode, 1);
  assert.match((await filesOf(host))['ru.toml'] ?? '', /^deny = \["CA"\]$/m);
});
