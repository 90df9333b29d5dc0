import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { Variant } from '../../src/firewall/variants.ts';
import { restoreArgs, toolName } from '../../src/firewall/ipset/tool-names.ts';
import { backendOn } from '../helpers/backends.ts';
import { ipv4 } from '../../src/ip/family.ts';
import { CommandError } from '../../src/system/run.ts';
import { kernelKinds } from '../helpers/kernels.ts';
import { kernelSkip } from '../helpers/kernel-skip.ts';
import { createNamespace } from '../helpers/netns.ts';
import { fenceState, snapshot } from '../helpers/states.ts';
import { TestKernel } from '../helpers/test-kernel.ts';
import { bringAbout, place } from './bring-about.ts';
import { setStage } from './stage.ts';
import { fence, options } from './transitions.ts';

const denied = fenceState({ mode: 'deny', networks: ['192.0.2.0/24', '2001:db8::/32'] });

/** Counts pauses, and does something in the third. */
function countedSleep(inThird: () => Promise<void>): {
  pauses: number[];
  sleep: (ms: number) => Promise<void>;
} {
  const pauses: number[] = [];
  const sleep = async (milliseconds: number): Promise<void> => {
    pauses.push(milliseconds);
    if (pauses.length === 3) await inThird();
    // A real kernel lets go of a set in its own time.
    await pause(1);
  };
  return { pauses, sleep };
}

/** Adds a rule of somebody else that looks at our set, or takes it away. */
async function lookAtSet(kernel: TestKernel, variant: Variant, command: '-A' | '-D'): Promise<void> {
  const rule = `${command} OUTPUT -m set --match-set geofence-main-allow-4 src -j RETURN`;
  await kernel.meddle(toolName(ipv4, variant, 'restore'), restoreArgs, `*mangle\n${rule}\nCOMMIT\n`);
}

for (const kind of kernelKinds) {
  describe(`applyPolicy() on ${kind.name}`, { skip: kind.skip }, () => {
    test('waits until the kernel lets go of a set', async (t) => {
      const { pauses, sleep } = countedSleep(async () => await lookAtSet(kernel, kind.variant, '-D'));
      const { kernel, backend } = await setStage(t, kind, fence, sleep);
      await lookAtSet(kernel, kind.variant, '-A');
      await bringAbout(backend, denied);
      assert.deepEqual(snapshot(await backend.read('content')), snapshot(denied));
      assert.ok(pauses.length >= 3, `${pauses.length} pauses`);
    });

    test('gives up on a set that is never let go of, and leaves the new fence, which is whole', async (t) => {
      const { pauses, sleep } = countedSleep(async () => {});
      const { kernel, backend } = await setStage(t, kind, fence, sleep);
      await lookAtSet(kernel, kind.variant, '-A');
      await assert.rejects(
        bringAbout(backend, denied),
        /^GeofenceError: Cannot finish the change, the new fence holds: ipset restore failed: .*in use by a kernel component \(line \d+: destroy geofence-main-allow-4\)$/,
      );
      assert.ok(pauses.length >= 19 && pauses.length < 100, `${pauses.length} pauses`);
      const now = await backend.read('content');
      assert.deepEqual(
        snapshot({ ...now, sets: new Map([...now.sets].filter(([name]) => denied.sets.has(name))) }),
        snapshot(denied),
      );
      assert.deepEqual(
        [...now.sets.keys()],
        [...new Set([...fence.sets.keys(), ...denied.sets.keys()])].sort(),
      );
    });
  });
}

const skip = await kernelSkip('nft');

test('applyPolicy() waits while somebody lists a set that is to be swapped', { skip }, async (t) => {
  const namespace = await createNamespace();
  t.after(namespace.close);
  const kernel = new TestKernel(namespace.run);
  const networks = Array.from(
    { length: 20_000 },
    (_, i) => `${20 + (i >> 15)}.${(i >> 7) & 255}.${(i & 127) * 2}.0/24`,
  );
  await place(kernel, 'nft', fenceState({ networks }));
  const { pauses, sleep } = countedSleep(async () => {
    listing.kill('SIGKILL');
    await once(listing, 'close');
  });
  // Nobody reads what it prints, so it stops half-way and goes on using the set: "ipset list | less".
  const listing = namespace.start('ipset', ['save', 'geofence-main-allow-4']);
  t.after(() => listing.kill('SIGKILL'));
  await once(listing.stdout, 'readable');
  const backend = backendOn(kernel.run, sleep, 'nft');
  const want = fenceState({ networks: ['192.0.2.0/24'] });
  await bringAbout(backend, want);
  assert.deepEqual(snapshot(await backend.read('content')), snapshot(want));
  assert.ok(pauses.length >= 3, `${pauses.length} pauses`);
});

test('read() sees a set vanish between its look at the names and at the set', async (t) => {
  const [kind] = kernelKinds;
  const { kernel, backend } = await setStage(t, kind ?? assert.fail(), fence);
  // With a set of somebody else's there, ours are read one by one.
  const others = 'create theirs hash:ip\ncreate geofence-main-allow-4.new hash:net family inet\n';
  await kernel.meddle('ipset', ['restore'], others);
  kernel.before(/^ipset save geofence-main-allow-4.new/, async () => {
    await kernel.meddle('ipset', ['restore'], 'destroy geofence-main-allow-4.new\n');
  });
  assert.deepEqual(snapshot(await backend.read('content')), snapshot(fence));
});

test('sets of others are not looked at, for who looks keeps them from being changed', async (t) => {
  const [kind] = kernelKinds;
  const { kernel, backend } = await setStage(t, kind ?? assert.fail(), fence);
  const looksOf = async (): Promise<string[]> => {
    const from = kernel.log.length;
    await bringAbout(backend, denied);
    await bringAbout(backend, fence);
    return kernel.log
      .slice(from)
      .map(({ command }) => command)
      .filter((command) => /^ipset (?:save|list(?! -n))/.test(command));
  };
  const alone = await looksOf();
  assert.ok(alone.length > 4);
  assert.deepEqual(
    alone.filter((command) => !/^ipset (?:save|list -t)$/.test(command)),
    [],
  );
  await kernel.meddle('ipset', ['restore'], 'create theirs hash:ip\n');
  const looks = await looksOf();
  assert.ok(looks.length > 4);
  assert.deepEqual(
    looks.filter((command) => !/ geofence-\S+$/.test(command)),
    [],
  );
});

test('read() looks again when a rule names a set that another run has just taken away', async (t) => {
  const [kind] = kernelKinds;
  const { kernel, backend } = await setStage(t, kind ?? assert.fail(), fence);
  // What iptables-save 1.8.9 says then.
  const gone = toolFailed("Can't find set: Set with index 0 in kernel doesn't exist.");
  kernel.before(/^ip6tables\S*-save .*mangle$/, async () => await Promise.reject(gone));
  assert.deepEqual(snapshot(await backend.read('content')), snapshot(fence));
});

test('a kernel without table raw has a fence without an early drop, and says how', async (t) => {
  const [kind] = kernelKinds;
  const { kernel, backend } = await setStage(t, kind ?? assert.fail(), fence);
  const absent = toolFailed("can't initialize iptables table `raw': Table does not exist");
  kernel.before(/^ip6?tables\S*-save .*raw$/, async () => await Promise.reject(absent), Infinity);
  assert.deepEqual(snapshot(await backend.read('content')), snapshot(fence));
  kernel.before(/^ip6?tables\S*-restore --noflush/, async () => await Promise.reject(absent), Infinity);
  const early = fenceState({ ...options, dropsEarly: true });
  await assert.rejects(bringAbout(backend, early), { hint: /early_drop = false/ });
});

const toolFailed = (stderr: string): CommandError =>
  new CommandError(['iptables'], { status: 1, stderr: `${stderr}\n` });
