import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { applyPolicy } from '../../src/apply/apply-policy.ts';
import { ATTEMPTS } from '../../src/apply/end-failed-change.ts';
import { GeofenceError } from '../../src/errors.ts';
import { restoreArgs, toolName } from '../../src/firewall/ipset/tool-names.ts';
import { families } from '../../src/ip/family.ts';
import { diff } from '../../src/plan/diff.ts';
import type { DesiredState, State } from '../../src/firewall/model.ts';
import { noFence } from '../../src/firewall/rulesets.ts';
import { fakeKind, kernelKinds } from '../helpers/kernels.ts';
import { fenceState, inForce, snapshot } from '../helpers/states.ts';
import { bringAbout, place } from './bring-about.ts';
import type { Stage } from './stage.ts';
import { linesOnTheWay, setStage } from './stage.ts';
import { fence, options, transitions } from './transitions.ts';

async function applyAndFail({ backend }: Stage, want: DesiredState): Promise<GeofenceError> {
  try {
    await bringAbout(backend, want);
  } catch (error) {
    assert.ok(error instanceof GeofenceError);
    return error;
  }
  return assert.fail('it went well');
}

/** How often a change is tried before it is given up. */
const TRIES = ATTEMPTS + 1;

for (const kind of kernelKinds) {
  describe(`applyPolicy() on ${kind.name}`, { skip: kind.skip, concurrency: 4 }, () => {
    // On the real kernel all would take a minute.
    const tried = kind === fakeKind ? transitions : transitions.slice(-4);
    // The fake one lets go of a set at once.
    const sleep = kind === fakeKind ? async () => {} : setTimeout;
    for (const transition of tried) {
      test(`goes on when a tool fails once at any line of ${transition.name}`, async (t) => {
        for (const line of await linesOnTheWay(t, kind, transition)) {
          const { kernel, backend } = await setStage(t, kind, transition.from, sleep);
          kernel.failAt(line);
          await bringAbout(backend, transition.to);
          assert.deepEqual(snapshot(await backend.read('content')), snapshot(transition.to));
        }
      });

      test(`puts back what was there, or leaves the whole of the new, when ${transition.name} fails at any line`, async (t) => {
        const ends = { old: 0, new: 0 };
        for (const line of await linesOnTheWay(t, kind, transition)) {
          const stage = await setStage(t, kind, transition.from, sleep);
          const { kernel, backend } = stage;
          kernel.failAt(line, TRIES);
          const { message } = await applyAndFail(stage, transition.to);
          const isRemoval = transition.to === noFence;
          const [, lead, reason] = /^(.*?): (.*)$/.exec(message) ?? assert.fail(message);
          assert.match(reason!, /^(ipset|ip6?tables\S*-restore) .*failed: .*\(line \d+: .+\)$/);
          const now = await backend.read('content');
          if (lead === `Cannot ${isRemoval ? 'remove' : 'apply'} the fence, the firewall is as it was`) {
            ends.old++;
            assert.deepEqual(snapshot(now), snapshot(transition.from), message);
          } else {
            ends.new++;
            const holds = isRemoval ? 'the fence is gone' : 'the new fence holds';
            assert.equal(lead, `Cannot finish the change, ${holds}`);
            assert.deepEqual(inForce(now), inForce(transition.to), message);
          }
          await bringAbout(backend, transition.to);
          assert.deepEqual(snapshot(await backend.read('content')), snapshot(transition.to));
        }
        assert.ok(ends.old > 0, 'some lines are half a change');
      });
    }

    test('quotes the line that a tool refuses', async (t) => {
      const stage = await setStage(t, kind, noFence);
      const line = '-A GEOFENCE -s fe80::/10 -p udp -m udp --sport 547 --dport 546 -j RETURN';
      stage.kernel.failOn(new RegExp(`^${line}$`), { times: TRIES });
      const { message } = await applyAndFail(stage, fence);
      assert.match(message, /ip6tables\S*-restore --noflush --wait 30 failed: .*line:? 9/);
      assert.ok(message.endsWith(`(line 9: ${line})`), message);
    });

    test('says to run it as root when a tool is refused in the middle', async (t) => {
      const stage = await setStage(t, kind, noFence);
      const message = 'Kernel error received: Operation not permitted';
      stage.kernel.failOn(/^add geofence-main-allow-4.new /, { message, times: TRIES });
      const error = await applyAndFail(stage, fence);
      assert.match(error.message, /Operation not permitted/);
      assert.equal(error.hint, 'run geofence as root, for example with sudo');
    });

    test('sets right what others changed meanwhile: rules that are flushed, entries of a set', async (t) => {
      const stage = await setStage(t, kind, noFence);
      const { kernel, backend } = stage;
      let times = 0;
      const others = async (): Promise<void> => {
        times++;
        for (const family of families)
          await kernel.meddle(
            toolName(family, kind.variant, 'restore'),
            restoreArgs,
            '*mangle\n:GEOFENCE - [0:0]\nCOMMIT\n',
          );
        await kernel.meddle('ipset', ['restore'], 'add geofence-main-allow-4 198.51.100.0/24\n');
        const found = snapshot(await backend.read('content'));
        const wanted = snapshot(fence);
        const isIn = (line: string): boolean => found.includes(line);
        assert.ok(!wanted.some((line) => / GEOFENCE \d/.test(line) && isIn(line)), 'rules are flushed');
        assert.ok(!wanted.some((line) => line.startsWith('set geofence-main-allow-4 ') && isIn(line)));
      };
      kernel.before(/^-A GEOFENCE .*-j DROP/, async () => kernel.before(/^ipset list -n/, others));
      await bringAbout(backend, fence);
      assert.equal(times, 1, 'others were there');
      assert.deepEqual(snapshot(await backend.read('content')), snapshot(fence));
    });

    test('leaves what others change again and again, and says so', async (t) => {
      const stage = await setStage(t, kind, fence);
      const { kernel, backend } = stage;
      let times = 0;
      const meddle = async (): Promise<void> => {
        await kernel.meddle('ipset', ['restore'], 'add geofence-main-allow-4 198.51.100.128/25\n');
        if (++times < TRIES) kernel.before(/^swap /, async () => kernel.before(/^ipset list -n/, meddle));
      };
      kernel.before(/^swap /, async () => kernel.before(/^ipset list -n/, meddle));
      const { message } = await applyAndFail(stage, fenceState({ networks: ['192.0.2.0/25'] }));
      assert.match(
        message,
        /^Cannot apply the fence, IPv4 has a fence as others changed it, IPv6 has the fence of before: Cannot verify the fence: read back, set geofence-main-allow-4 holds other addresses/,
      );
      assert.equal(times, TRIES, 'others were there');
      const networks = ['192.0.2.0/25', '198.51.100.128/25'];
      const family6 = snapshot(fence).filter((line) => /^IPv6|^set \S+-6 /.test(line));
      const changed = [...snapshot(fenceState({ networks, ipv6: false })), ...family6];
      assert.deepEqual(snapshot(await backend.read('content')).sort(), changed.sort());
    });

    test('never puts "no fence" over the fence of others that came up meanwhile', async (t) => {
      const stage = await setStage(t, kind, noFence);
      const { kernel, backend } = stage;
      const theirs = fenceState({ ...options, mode: 'deny' });
      kernel.before(/^create /, async () => await place(kernel, kind.variant, theirs));
      kernel.failOn(/^-A GEOFENCE .*allow only/, { times: TRIES });
      const { message } = await applyAndFail(stage, fence);
      assert.match(
        message,
        /^Cannot apply the fence, both families have a fence as others changed it: iptables\S*-restore .* failed: /,
      );
      const now = await backend.read('content');
      assert.deepEqual(inForce(now), inForce(theirs));
    });

    for (const { name, text } of [
      { name: 'nothing', text: '' },
      { name: 'something else', text: 'add geofence-main-allow-4\n*mangle\n: :\n' },
    ])
      for (const command of [
        'ipset list -n',
        'ipset save',
        'ipset list -t',
        'iptables\\S*-save',
        'ip6tables\\S*-save',
      ])
        test(`is not misled when "${command}" prints ${name} once`, async (t) => {
          const to = fenceState({ networks: ['198.51.100.0/24', '2001:db8::/48'] });
          for (const n of [1, 2, 3]) {
            const { kernel, backend } = await setStage(t, kind, fence);
            const read: string[][] = [];
            kernel.printInstead(new RegExp(`^${command}`), text, n);
            const remember = async (actual: State): Promise<() => Promise<void>> => {
              read.push(snapshot(actual));
              return async () => await Promise.reject(new Error('there is no failure'));
            };
            const intent = { wanted: () => Promise.resolve(to), remember };
            await applyPolicy(backend, intent, { signal: new AbortController().signal });
            assert.deepEqual(read, [snapshot(fence)], 'what rollback would bring back');
            assert.deepEqual(snapshot(await backend.read('content')), snapshot(to));
          }
        });

    test('leaves no half-filled set behind, even before what was there is put back', async (t) => {
      const { kernel, backend } = await setStage(t, kind, noFence);
      kernel.failOn(/^add geofence-main-allow-6.new /);
      await assert.rejects(
        backend.apply(diff(fence, noFence), await backend.read('content')),
        /\(line \d+: add geofence-main-allow-6.new /,
      );
      assert.deepEqual(snapshot(await backend.read('content')), snapshot(noFence));
    });

    test('says how the kernel is, also when what was remembered cannot be forgotten', async (t) => {
      const { kernel, backend } = await setStage(t, kind, noFence);
      kernel.failOn(/^add geofence-main-allow-6.new /, { times: TRIES });
      const full = new GeofenceError('Cannot write "former.json": disk is full');
      const remember = async (): Promise<() => Promise<never>> => async () => await Promise.reject(full);
      const intent = { wanted: () => Promise.resolve(fence), remember };
      await assert.rejects(
        applyPolicy(backend, intent, { signal: new AbortController().signal }),
        /^GeofenceError: Cannot apply the fence, the firewall is as it was: .*; also: Cannot write "former.json": disk is full$/,
      );
    });

    test('says so when it cannot put back what was there', async (t) => {
      const stage = await setStage(t, kind, noFence);
      stage.kernel.killAt(3);
      const { message } = await applyAndFail(stage, fence);
      assert.match(message, /^Cannot apply the fence: .*; and cannot put the former one back: /);
    });
  });
}
