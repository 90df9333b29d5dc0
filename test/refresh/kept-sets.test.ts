import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import type { FencedHost } from '../helpers/fenced-host.ts';
import { startFencedHost } from '../helpers/fenced-host.ts';
import type { CommandOutcome } from '../helpers/in-process.ts';

const DAY = 24 * 60 * 60 * 1000;
const [allow, deny] = [4, 6].reduce<[string[], string[]]>(
  ([one, other], version) => [
    [...one, `geofence-main-allow-${version}`],
    [...other, `geofence-main-deny-${version}`],
  ],
  [[], []],
);
const fine = { exitCode: 0, stdout: '', stderr: '' };

interface Clocked {
  readonly host: FencedHost;
  readonly on: (day: number, ...args: string[]) => Promise<CommandOutcome>;
  readonly sets: () => Promise<string[]>;
  readonly content: (set: string) => Promise<string>;
  readonly path: string;
}

/** A host that is fenced to Canada, on days counted from now. */
async function startClocked(t: TestContext): Promise<Clocked> {
  const host = await startFencedHost(t);
  const start = Date.now();
  const save = async (...names: string[]): Promise<string> =>
    (await host.kernel.meddle('ipset', ['save', ...names])).stdout.toString();
  return {
    host,
    on: async (day, ...args) => await host.call(args, { now: () => start + day * DAY }),
    sets: async () =>
      [...(await save()).matchAll(/^create (geofence-main-\S+)/gm)].map(([, name]) => name!).sort(),
    content: async (set) => (await save(set)).replace(/ initval \S+/, ''),
    path: join(host.dir, 'cache', 'state', 'kept-sets.json'),
  };
}

test('refresh keeps the sets of the other mode, filled, for a week', async (t) => {
  const { on, sets, content } = await startClocked(t);
  const before = await Promise.all(allow.map(content));
  assert.deepEqual(await on(0, 'refresh', '--deny', 'RU'), fine);
  for (const day of [0, 1, 6.9]) {
    assert.deepEqual(await on(day, 'refresh'), fine);
    assert.deepEqual(await sets(), [...allow, ...deny].sort());
    assert.deepEqual(await Promise.all(allow.map(content)), before, 'they mean what they meant');
    const { exitCode, stdout } = await on(day, 'status');
    assert.equal(exitCode, 0, stdout);
    assert.match((await on(day, 'plan')).stdout, /^to do +nothing/m);
  }
  assert.match((await on(7, 'plan')).stdout, /destroy set geofence-main-allow-4/);
  const { exitCode, stdout } = await on(7, 'status');
  assert.equal(exitCode, 0, stdout);
  assert.deepEqual(await on(7, 'refresh'), fine);
  assert.deepEqual(await sets(), [...deny].sort());
  assert.deepEqual(await on(8, 'refresh'), fine);
  assert.equal((await on(8, 'status')).exitCode, 0);
});

test('switches of one week leave the sets of two modes, of which the last one used stays longest', async (t) => {
  const { on, sets, path } = await startClocked(t);
  for (const half of Array.from({ length: 10 }, (_, i) => i)) {
    const policy = half % 2 === 0 ? ['--deny', 'RU'] : ['--allow', 'CA'];
    assert.deepEqual(await on(half / 2, 'refresh', ...policy), fine);
    assert.ok((await sets()).length <= 4);
  }
  const { since } = JSON.parse(await readFile(path, 'utf8')) as { since: object };
  assert.deepEqual(Object.keys(since).sort(), deny);
  assert.deepEqual(await on(11, 'refresh'), fine);
  assert.deepEqual(await sets(), [...allow, ...deny].sort());
  assert.deepEqual(await on(12, 'refresh'), fine);
  assert.deepEqual(await sets(), allow);
});

test('rollback keeps the sets of the mode it leaves, restore those there are, remove none', async (t) => {
  const { on, sets, path } = await startClocked(t);
  assert.deepEqual(await on(0, 'refresh', '--deny', 'RU'), fine);
  assert.equal((await on(1, 'rollback')).exitCode, 0);
  assert.deepEqual(await sets(), [...allow, ...deny].sort());
  assert.equal((await on(1, 'restore')).exitCode, 0);
  assert.deepEqual(await on(1, 'refresh'), fine);
  assert.deepEqual(await sets(), [...allow, ...deny].sort());
  assert.equal((await on(2, 'remove')).exitCode, 0);
  assert.deepEqual(await sets(), []);
  await assert.rejects(readFile(path), { code: 'ENOENT' });
});

test('a trial that is taken back leaves the sets that were kept before, and no others', async (t) => {
  const { host, on, sets } = await startClocked(t);
  const tryOut = async (...policy: string[]): Promise<void> => {
    const args = ['refresh', ...policy, '--confirm', '60'];
    assert.equal((await host.call(args, { startDetached: () => Promise.resolve() })).exitCode, 0);
  };
  await tryOut('--deny', 'RU');
  assert.equal((await on(0, 'rollback')).exitCode, 0);
  assert.deepEqual(await sets(), allow);
  assert.deepEqual(await on(0, 'refresh', '--deny', 'RU'), fine);
  await tryOut('--deny', 'CA');
  assert.equal((await on(0, 'rollback')).exitCode, 0);
  assert.deepEqual(await sets(), [...allow, ...deny].sort());
});

for (const text of [
  '',
  'no JSON',
  '{"version":1,"since":{"geofence-main-allow-4":"yesterday"}}',
  '{"version":2}',
])
  test(`sets stay when the file that says since when is damaged: ${JSON.stringify(text)}`, async (t) => {
    const { on, sets, path } = await startClocked(t);
    assert.deepEqual(await on(0, 'refresh', '--deny', 'RU'), fine);
    await writeFile(path, text, { mode: 0o644 });
    assert.deepEqual(await on(20, 'refresh'), fine);
    assert.deepEqual(await sets(), [...allow, ...deny].sort());
    assert.deepEqual(await on(27, 'refresh'), fine);
    assert.deepEqual(await sets(), deny);
  });

test('a clock that was set back keeps no set for longer than a week from then', async (t) => {
  const { on, sets } = await startClocked(t);
  assert.deepEqual(await on(100, 'refresh', '--deny', 'RU'), fine);
  assert.deepEqual(await on(0, 'refresh'), fine);
  assert.deepEqual(await on(7, 'refresh'), fine);
  assert.deepEqual(await sets(), deny);
});
