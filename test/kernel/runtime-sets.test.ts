import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ATTEMPTS } from '../../src/apply/end-failed-change.ts';
import type { Backend } from '../../src/firewall/backend.ts';
import type { DesiredState, SetShape } from '../../src/firewall/model.ts';
import { backendOn } from '../helpers/backends.ts';
import type { KernelKind } from '../helpers/kernels.ts';
import { kernelKinds } from '../helpers/kernels.ts';
import type { FenceOptions } from '../helpers/states.ts';
import { fenceState } from '../helpers/states.ts';
import type { TestKernel } from '../helpers/test-kernel.ts';
import { bringAbout, place } from './bring-about.ts';
import { addForeign } from './foreign.ts';
import type { Entries } from './runtime-sets.ts';
import { entriesIn, fill, runtimeSets, withRuntimeSets } from './runtime-sets.ts';

const options: FenceOptions = { networks: ['192.0.2.0/24', '2001:db8:a::/48'] };
const fence = withRuntimeSets(fenceState(options));

interface Stage {
  readonly kernel: TestKernel;
  readonly backend: Backend;
  /** When the sets were filled. */
  readonly filledAt: number;
}

async function stageOf(t: TestContext, { create, variant }: KernelKind): Promise<Stage> {
  const kernel = await create(t);
  await addForeign(kernel, variant);
  await place(kernel, variant, fence);
  const filledAt = Date.now();
  await fill(kernel);
  return { kernel, backend: backendOn(kernel.run, sleep, variant), filledAt };
}

const TOLERANCE_SECONDS = 2;

/** Whether two have the same entries, each of them about as long. */
function assertEntries(found: Entries, wanted: Entries, passedSeconds: number, name: string): void {
  assert.deepEqual([...found.keys()].sort(), [...wanted.keys()].sort(), name);
  for (const [entry, seconds] of wanted) {
    const left = found.get(entry) ?? -1;
    const distance = seconds === 0 ? left : Math.abs(left - (seconds - passedSeconds));
    assert.ok(distance <= TOLERANCE_SECONDS, `${name} ${entry}: ${left} of ${seconds} seconds left`);
  }
}

/** Whether all of them are there, and others that were added on the way. */
async function assertKept(
  { kernel, filledAt }: Stage,
  wantedOf: (name: string, entries: Entries) => Entries = (_, entries) => entries,
): Promise<void> {
  for (const { name, entries } of runtimeSets) {
    const passed = (Date.now() - filledAt) / 1000;
    assertEntries(await entriesIn(kernel, name), wantedOf(name, entries), passed, name);
  }
}

const changes: readonly { name: string; want: DesiredState }[] = [
  {
    name: 'an update of the fence',
    want: withRuntimeSets(fenceState({ networks: ['198.51.100.0/24', '2001:db8:b::/48'] })),
  },
  { name: 'a switch of the mode', want: withRuntimeSets(fenceState({ ...options, mode: 'deny' })) },
  { name: 'an early drop', want: withRuntimeSets(fenceState({ ...options, dropsEarly: true })) },
  { name: 'the removal of a family', want: withRuntimeSets(fenceState({ ...options, ipv6: false })) },
  {
    name: 'more room',
    want: withRuntimeSets(fenceState(options), (shape) =>
      shape.maxEntries === undefined ? shape : { ...shape, maxEntries: 8192 },
    ),
  },
];

/** Each address by itself, with a longer netmask; each network with an end. */
const reshaped = withRuntimeSets(fenceState(options), (shape): SetShape => {
  if (shape.kind === 'networks') return { ...shape, hasTimeouts: true };
  return shape.kind === 'addresses' ? { ...shape, netmask: shape.family?.version === 4 ? 24 : 32 } : shape;
});

/** What is left of addresses where a netmask makes several one: the longest of them. */
function widened(name: string, entries: Entries): Entries {
  if (!name.startsWith('geofence-ban-')) return entries;
  const left = new Map<string, number>();
  for (const [entry, seconds] of entries) {
    const network = name.endsWith('4') ? entry.replace(/\d+$/, '0') : '2001:db8::';
    const had = left.get(network);
    left.set(network, had === undefined ? seconds : had && seconds && Math.max(had, seconds));
  }
  return left;
}

for (const kind of kernelKinds) {
  describe(`runtime sets on ${kind.name}`, { skip: kind.skip, concurrency: 4 }, () => {
    for (const { name, want } of changes)
      test(`keep 1,000 entries of each kind, and the time they have left, through ${name}`, async (t) => {
        const stage = await stageOf(t, kind);
        assert.notDeepEqual(await bringAbout(stage.backend, want), []);
        await assertKept(stage);
        assert.deepEqual(await bringAbout(stage.backend, want), [], 'a second run has nothing to do');
      });

    test('keep them through a return to a snapshot, of which they are a part without their entries', async (t) => {
      const stage = await stageOf(t, kind);
      const { backend } = stage;
      const text = JSON.stringify(backend.toSnapshot(await backend.read('content')));
      assert.doesNotMatch(text, /198\.18\.|198\.51\.0|20001/);
      await bringAbout(backend, withRuntimeSets(fenceState({ ...options, mode: 'deny' })));
      const former = backend.fromSnapshot(JSON.parse(text) as object);
      assert.notDeepEqual(await bringAbout(backend, former), []);
      await assertKept(stage);
      assert.deepEqual(await bringAbout(backend, fence), []);
    });

    test('get another netmask, or timeouts, and keep what is left of each', async (t) => {
      const stage = await stageOf(t, kind);
      await bringAbout(stage.backend, reshaped);
      await assertKept(stage, widened);
      assert.deepEqual(await bringAbout(stage.backend, reshaped), []);
    });

    for (const [when, pattern, after] of [
      ['while new sets are filled', /^create geofence-banned-6.new /],
      ['before the sets are exchanged', /^swap geofence-ban-4.new /],
      ['after the sets were exchanged', /^ipset save geofence-ban-4.new$/, /^swap geofence-ban-4.new /],
      ['before the old sets go', /^destroy geofence-ban-4.new/],
    ] as readonly [when: string, pattern: RegExp, after?: RegExp][])
      test(`keep what others add, extend and remove ${when}`, async (t) => {
        const stage = await stageOf(t, kind);
        const { kernel, backend } = stage;
        let at = 0;
        const meddle = async (): Promise<void> => {
          at = Date.now();
          const lines = [
            'add geofence-ban-4 203.0.113.9 timeout 900',
            'add geofence-ban-4 198.18.0.1 timeout 90000',
            'del geofence-ban-4 198.18.0.2',
            'add geofence-ban-6 2001:db8:0:9::1 timeout 900',
            'add geofence-open-tcp 443 timeout 900',
            'del geofence-open-tcp 20001',
            'add geofence-banned-4 203.0.113.0/24',
            'del geofence-banned-6 2001:db8:1::/48',
          ];
          await kernel.meddle('ipset', ['restore'], lines.map((line) => `${line} -exist\n`).join(''));
        };
        if (after === undefined) kernel.before(pattern, meddle);
        else kernel.before(after, async () => kernel.before(pattern, meddle));
        const want = withRuntimeSets(fenceState(options), (shape) =>
          shape.kind === 'ports' ? { ...shape, hasTimeouts: true } : { ...shape, maxEntries: 8192 },
        );
        await bringAbout(backend, want);
        assert.notEqual(at, 0, 'nobody came between');
        const since = (at - stage.filledAt) / 1000;
        await assertKept(stage, (name, entries) => {
          const now = new Map(entries);
          const set = (entry: string, seconds: number): unknown => now.set(entry, seconds + since);
          if (name === 'geofence-ban-4') {
            set('203.0.113.9', 900);
            set('198.18.0.1', 90_000);
            now.delete('198.18.0.2');
          }
          if (name === 'geofence-ban-6') set('2001:db8:0:9::', 900);
          if (name === 'geofence-open-tcp') {
            set('443', 900);
            now.delete('20001');
          }
          if (name === 'geofence-banned-4') now.set('203.0.113.0/24', 0);
          if (name === 'geofence-banned-6') now.delete('2001:db8:1::/48');
          return now;
        });
      });

    test('keep the longer time of what others add to both sets of an exchange, and what they add again', async (t) => {
      const stage = await stageOf(t, kind);
      const { kernel, backend } = stage;
      const meddle = async (...lines: string[]): Promise<void> => {
        await kernel.meddle('ipset', ['restore'], lines.map((line) => `${line} -exist\n`).join(''));
      };
      kernel.before(/^swap geofence-ban-4.new /, async () => {
        await meddle(
          'add geofence-ban-4 203.0.113.1 timeout 900',
          'add geofence-ban-4 203.0.113.2 timeout 900',
          'add geofence-ban-4 203.0.113.3 timeout 9000',
          'del geofence-ban-4 198.18.0.1',
          'del geofence-ban-4 198.18.0.2',
        );
        kernel.before(/^ipset save geofence-ban-4.new$/, async () => {
          await meddle(
            'add geofence-ban-4 203.0.113.1 timeout 9000',
            'add geofence-ban-4 203.0.113.2 timeout 0',
            'add geofence-ban-4 203.0.113.3 timeout 900',
            'add geofence-ban-4 198.18.0.1 timeout 9000',
          );
        });
      });
      await bringAbout(backend, changes[4]!.want);
      const found = await entriesIn(kernel, 'geofence-ban-4');
      const leftOf = (entry: string): number => found.get(entry) ?? -1;
      for (const entry of ['203.0.113.1', '203.0.113.3', '198.18.0.1'])
        assert.ok(leftOf(entry) > 8900, `${entry}: ${leftOf(entry)} of 9000 seconds left`);
      assert.equal(leftOf('203.0.113.2'), 0, 'without an end');
      assert.equal(leftOf('198.18.0.2'), -1, 'removed');
    });

    for (const [what, pattern, want] of [
      ['an update', /^swap geofence-main-allow-6.new/, changes[0]!.want],
      ['a switch', /^-A GEOFENCE .*--comment/, changes[1]!.want],
      ['more room', /^swap geofence-ban-6.new/, changes[4]!.want],
    ] as const)
      test(`keep them when ${what} fails and is put back`, async (t) => {
        const stage = await stageOf(t, kind);
        stage.kernel.failOn(pattern, { times: ATTEMPTS + 1 });
        await assert.rejects(bringAbout(stage.backend, want), /the firewall is as it was/);
        await assertKept(stage);
        assert.deepEqual(await bringAbout(stage.backend, fence), []);
      });
  });
}
