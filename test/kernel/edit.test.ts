import assert from 'node:assert/strict';
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { editRuntimeSet } from '../../src/apply/edit-runtime.ts';
import type { ChangeLocking } from '../../src/apply/with-lock.ts';
import { changeLocked } from '../../src/apply/with-lock.ts';
import { StateDir } from '../../src/state/state-dir.ts';
import { withLock } from '../../src/system/lock.ts';
import { GeofenceError } from '../../src/errors.ts';
import type { Backend, SetEdit } from '../../src/firewall/backend.ts';
import { backendOn } from '../helpers/backends.ts';
import type { KernelKind } from '../helpers/kernels.ts';
import { kernelKinds } from '../helpers/kernels.ts';
import { fenceState } from '../helpers/states.ts';
import type { RunOptions } from '../../src/system/run.ts';
import { tempDir } from '../helpers/temp-dir.ts';
import type { TestKernel } from '../helpers/test-kernel.ts';
import { bringAbout, place } from './bring-about.ts';
import { entriesIn, fill, runtimeSets, withRuntimeSets } from './runtime-sets.ts';

const fence = withRuntimeSets(fenceState({ networks: ['192.0.2.0/24', '2001:db8:a::/48'] }));

async function stageOf(
  t: TestContext,
  { create, variant }: KernelKind,
): Promise<{ kernel: TestKernel; backend: Backend }> {
  const kernel = await create(t);
  await place(kernel, variant, fence);
  return { kernel, backend: backendOn(kernel.run, sleep, variant) };
}

const add = (entry: string, seconds?: number): SetEdit => ({
  verb: 'add',
  entry,
  ...(seconds === undefined ? {} : { seconds }),
});
const remove = (entry: string): SetEdit => ({ verb: 'remove', entry });

/** What is done, and what the set holds then. */
const cases: readonly { set: string; edits: readonly SetEdit[]; want: Record<string, number> }[] = [
  {
    set: 'geofence-ban-4',
    edits: [add('192.0.2.1', 600), add('192.0.2.2'), add('192.0.2.3', 60), add('192.0.2.1', 6000)],
    want: { '192.0.2.1': 6000, '192.0.2.2': 0, '192.0.2.3': 60 },
  },
  {
    set: 'geofence-ban-4',
    edits: [add('192.0.2.1', 600), add('192.0.2.2', 600), remove('192.0.2.1'), remove('192.0.2.9')],
    want: { '192.0.2.2': 600 },
  },
  {
    set: 'geofence-ban-6',
    edits: [add('2001:DB8:1::7', 600), add('2001:db8:2::', 60), remove('2001:db8:2::1')],
    want: { '2001:db8:1::': 600 },
  },
  {
    set: 'geofence-banned-4',
    edits: [add('192.0.2.0/25'), add('198.51.100.7'), add('203.0.113.77/24'), add('198.51.100.7/32')],
    want: { '192.0.2.0/25': 0, '198.51.100.7': 0, '203.0.113.0/24': 0 },
  },
  {
    set: 'geofence-banned-6',
    edits: [
      add('2001:DB8:0::/48'),
      add('::ffff:192.0.2.0/120'),
      add('2001:db8:7::1'),
      remove('2001:db8:7::1/128'),
    ],
    want: { '2001:db8::/48': 0, '::ffff:192.0.2.0/120': 0 },
  },
  {
    set: 'geofence-open-tcp',
    edits: [add('22', 600), add('443'), add('00080'), remove('443'), remove('8080')],
    want: { '22': 600, '80': 0 },
  },
];

const garbage: readonly { set: string; edit: SetEdit; reason: string }[] = [
  { set: 'geofence-ban-4', edit: add('cafe', 60), reason: '"cafe" is no IPv4 address' },
  { set: 'geofence-ban-4', edit: add('22', 60), reason: '"22" is no IPv4 address' },
  { set: 'geofence-ban-4', edit: add('192.0.2.0/24', 60), reason: '"192.0.2.0/24" is no IPv4 address' },
  { set: 'geofence-ban-4', edit: remove('2001:db8::1'), reason: '"2001:db8::1" is no IPv4 address' },
  { set: 'geofence-ban-6', edit: add('192.0.2.1'), reason: '"192.0.2.1" is no IPv6 address' },
  {
    set: 'geofence-ban-4',
    edit: add('192.0.2.1\nflush geofence-main-allow-4'),
    reason: '"192.0.2.1\\nflush geofence-main-allow-4" is no IPv4 address',
  },
  {
    set: 'geofence-ban-4',
    edit: add('192.0.2.1', 2_147_484),
    reason: '2147484 seconds are not between 0 and 2147483',
  },
  { set: 'geofence-ban-4', edit: add('192.0.2.1', 1.5), reason: '1.5 seconds are not between 0 and 2147483' },
  { set: 'geofence-banned-4', edit: add('192.0.2.0/33'), reason: '"192.0.2.0/33" is no IPv4 network' },
  { set: 'geofence-banned-4', edit: add('0.0.0.0/0'), reason: '"0.0.0.0/0" is no IPv4 network' },
  { set: 'geofence-banned-6', edit: add('::/0'), reason: '"::/0" is no IPv6 network' },
  { set: 'geofence-banned-4', edit: add('192.0.2.0/24', 60), reason: 'its entries have no end' },
  { set: 'geofence-open-tcp', edit: add('65536'), reason: '"65536" is no port' },
  { set: 'geofence-open-tcp', edit: add('ssh'), reason: '"ssh" is no port' },
  { set: 'geofence-open-tcp', edit: add('22-20'), reason: '"22-20" is no port' },
];

/** What a set holds, with the seconds that are wanted where at most two of them have passed. */
async function heldIn(
  kernel: TestKernel,
  set: string,
  want: Record<string, number>,
): Promise<Record<string, number>> {
  const found = await entriesIn(kernel, set);
  return Object.fromEntries(
    [...found].map(([entry, left]) => {
      const wanted = want[entry] ?? -1;
      return [entry, left > 0 && wanted - left >= 0 && wanted - left <= 2 ? wanted : left];
    }),
  );
}

for (const kind of kernelKinds) {
  describe(`edit() on ${kind.name}`, { skip: kind.skip, concurrency: 4 }, () => {
    test('adds, extends and removes entries of each kind', async (t) => {
      for (const { set, edits, want } of cases) {
        const { kernel, backend } = await stageOf(t, kind);
        await backend.edit(set, edits);
        assert.deepEqual(await heldIn(kernel, set, want), want, set);
        assert.deepEqual(await bringAbout(backend, fence), [], 'the fence is as it was');
      }
    });

    test('leaves the other entries alone', async (t) => {
      const { kernel, backend } = await stageOf(t, kind);
      await fill(kernel);
      for (const { name, shape, entries } of runtimeSets) {
        const [first = '', second = ''] = entries.keys();
        const seconds = shape.hasTimeouts ? 86_400 : undefined;
        await backend.edit(name, [remove(first), add(second, seconds)]);
        const found = await entriesIn(kernel, name);
        assert.deepEqual([...found.keys()].sort(), [...entries.keys()].slice(1).sort());
        if (seconds !== undefined) assert.ok((found.get(second) ?? 0) > 86_390);
      }
    });

    test('makes a set of networks anew and exchanges it, never deleting from the one in use', async (t) => {
      const { kernel, backend } = await stageOf(t, kind);
      await backend.edit('geofence-banned-4', [add('192.0.2.0/24'), add('198.51.100.0/24')]);
      kernel.log.length = 0;
      await backend.edit('geofence-banned-4', [remove('192.0.2.0/24')]);
      const lines = kernel.writes.flatMap((record) => record.lines);
      assert.equal(lines.filter((line) => line.startsWith('swap geofence-banned-4.edit ')).length, 1);
      assert.ok(lines.every((line) => !/^(del|flush|add geofence-banned-4 )/.test(line)));
      const names = (await kernel.meddle('ipset', ['list', '-n'])).stdout.toString();
      assert.doesNotMatch(names, /\.edit/);
    });

    test('refuses entries that are none by name, and then changes nothing', async (t) => {
      const { kernel, backend } = await stageOf(t, kind);
      for (const { set, edit, reason } of garbage) {
        await assert.rejects(
          backend.edit(set, [edit]),
          new GeofenceError(`Cannot change set ${set}: ${reason}`),
        );
      }
      assert.deepEqual(kernel.writes, []);
    });

    test('leaves nothing behind when a set of networks is full', async (t) => {
      const { kernel, backend } = await stageOf(t, kind);
      const networks = Array.from({ length: 9000 }, (_, i) => add(`198.18.${i >> 8}.${i & 255}`));
      await assert.rejects(backend.edit('geofence-banned-4', networks), /Hash is full/);
      const names = (await kernel.meddle('ipset', ['list', '-n'])).stdout.toString();
      assert.doesNotMatch(names, /\.edit/);
      assert.deepEqual(await entriesIn(kernel, 'geofence-banned-4'), new Map());
    });

    test('goes on where a killed one left its half-made set, which a change of the fence leaves alone', async (t) => {
      const { kernel, backend } = await stageOf(t, kind);
      const killedIn = async (edits: readonly SetEdit[]): Promise<void> => {
        kernel.killAt(3);
        await assert.rejects(backend.edit('geofence-banned-4', edits), {
          message: 'killed in ipset restore',
        });
        kernel.revive();
        const left = (await kernel.meddle('ipset', ['save', 'geofence-banned-4.edit'])).stdout.toString();
        assert.match(left, /^add /m, 'its set is half made');
      };
      await killedIn([add('192.0.2.0/24'), add('198.51.100.0/24')]);
      assert.deepEqual(await bringAbout(backend, fence), []);
      await backend.edit('geofence-banned-4', [add('203.0.113.0/24')]);
      assert.deepEqual([...(await entriesIn(kernel, 'geofence-banned-4')).keys()], ['203.0.113.0/24']);

      await killedIn([add('192.0.2.0/24')]);
      await bringAbout(backend, fenceState({ networks: ['192.0.2.0/24', '2001:db8:a::/48'] }));
      const names = (await kernel.meddle('ipset', ['list', '-n'])).stdout.toString();
      assert.doesNotMatch(names, /banned/, 'with the set goes what was left of its edit');
    });

    for (const [when, pattern] of [
      ['while sets are filled', /^create geofence-main-allow-6.new /],
      ['before sets are exchanged', /^swap geofence-banned-4.new /],
      ['before old sets go', /^destroy geofence-banned-4.new/],
    ] as const)
      test(`works in the middle of a change of the same set, ${when}`, async (t) => {
        const { kernel, backend } = await stageOf(t, kind);
        await backend.edit('geofence-banned-4', [add('192.0.2.0/24'), add('198.51.100.0/24')]);
        const other = otherBackend(kernel, kind.variant);
        kernel.before(pattern, async () => {
          await other.edit('geofence-banned-4', [remove('192.0.2.0/24'), add('203.0.113.0/24')]);
        });
        await bringAbout(backend, larger);
        const found = [...(await entriesIn(kernel, 'geofence-banned-4')).keys()].sort();
        assert.deepEqual(found, ['198.51.100.0/24', '203.0.113.0/24']);
      });
  });

  describe(`editRuntimeSet() on ${kind.name}`, { skip: kind.skip, concurrency: 4 }, () => {
    test('of addresses and ports waits for nobody, of networks for who changes the kernel', async (t) => {
      const { kernel, backend } = await stageOf(t, kind);
      const { locking, memory } = await locksOf(t);
      const edit = async (name: string, edits: readonly SetEdit[], waitSeconds = 20): Promise<void> =>
        await editRuntimeSet(backend, memory, setNamed(name), edits, { ...locking, waitSeconds });
      await withLock(
        locking.kernelFolder,
        async () => {
          await edit('geofence-ban-4', [add('192.0.2.1', 600)], 0);
          await edit('geofence-open-tcp', [add('22')], 0);
          await assert.rejects(edit('geofence-banned-4', [add('198.51.100.0/24')], 0), {
            name: 'LockedError',
          });
        },
        locking,
      );
      const networks = Array.from({ length: 3 }, (_, i) => `203.0.113.${i * 8}/29`);
      await Promise.all(networks.map(async (network) => await edit('geofence-banned-4', [add(network)])));
      assert.deepEqual(
        [...(await entriesIn(kernel, 'geofence-banned-4')).keys()].sort(),
        networks.toSorted(),
      );
      assert.equal((await entriesIn(kernel, 'geofence-ban-4')).size, 1);
    });

    test('of networks takes the lock of the state where others could hold that of the kernel', async (t) => {
      const { backend } = await stageOf(t, kind);
      const { locking, memory } = await locksOf(t);
      await mkdir(locking.kernelFolder, { recursive: true });
      await chmod(locking.kernelFolder, 0o777);
      const edit = async (): Promise<void> =>
        await editRuntimeSet(backend, memory, setNamed('geofence-banned-4'), [add('192.0.2.0/24')], locking);
      await withLock(locking.kernelFolder, edit, locking);
      await withLock(
        memory.dir,
        async () => {
          await assert.rejects(edit(), { name: 'LockedError' });
        },
        locking,
      );
    });

    test('of networks is ordered with a change of the shape of its set, whenever it begins', async (t) => {
      const edits = [remove('192.0.2.0/24'), add('203.0.113.0/24')];
      const begunBefore = async (command: number): Promise<number> => {
        const { kernel, backend } = await stageOf(t, kind);
        await backend.edit('geofence-banned-4', [add('192.0.2.0/24'), add('198.51.100.0/24')]);
        const { locking, memory } = await locksOf(t);
        const patient = { ...locking, waitSeconds: 20 };
        const editing: Promise<void>[] = [];
        let count = 0;
        const begin = async (): Promise<void> => {
          if (count++ !== command) return;
          const other = otherBackend(kernel, kind.variant);
          editing.push(editRuntimeSet(other, memory, setNamed('geofence-banned-4'), edits, patient));
          // Long enough for an edit that does not wait.
          await Promise.race([...editing, sleep(300)]);
        };
        kernel.before(/^/, begin, Infinity);
        await changeLocked(memory, patient, async () => void (await bringAbout(backend, larger)));
        await Promise.all(editing);
        assert.deepEqual(
          [...(await entriesIn(kernel, 'geofence-banned-4')).keys()].sort(),
          editing.length > 0 ? ['198.51.100.0/24', '203.0.113.0/24'] : ['192.0.2.0/24', '198.51.100.0/24'],
          `begun before command ${command}`,
        );
        return count;
      };
      const count = await begunBefore(Infinity);
      await Promise.all(Array.from({ length: count }, async (_, command) => await begunBefore(command)));
    });
  });
}

/** Another fence, and its sets of networks of another shape. */
const larger = withRuntimeSets(fenceState({ networks: ['198.51.100.0/24', '2001:db8:b::/48'] }), (shape) =>
  shape.maxEntries === undefined ? shape : { ...shape, maxEntries: 8192 },
);

const setNamed = (name: string): (typeof runtimeSets)[number] =>
  runtimeSets.find((set) => set.name === name) ?? assert.fail(name);

/** What another process does to the same kernel. */
const otherBackend = (kernel: TestKernel, variant: KernelKind['variant']): Backend =>
  backendOn(async (tool, args, options) => await kernel.meddle(tool, args, inputOf(options)), sleep, variant);

async function locksOf(t: TestContext): Promise<{ locking: ChangeLocking; memory: StateDir }> {
  const dir = await tempDir(t);
  const { signal } = new AbortController();
  return {
    locking: { sleep, signal, kernelFolder: join(dir, 'run', 'kernel') },
    memory: new StateDir(join(dir, 'state')),
  };
}

const inputOf = (options?: RunOptions): string | undefined =>
  options?.input === undefined ? undefined : String(options.input);
