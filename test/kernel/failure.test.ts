import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { applyPolicy } from '../../src/apply/apply-policy.ts';
import { GeofenceError } from '../../src/errors.ts';
import { restoreArgs, toolName } from '../../src/firewall/ipset/tool-names.ts';
import { families } from '../../src/ip/family.ts';
import { diff } from '../../src/plan/diff.ts';
import type { DesiredState } from '../../src/firewall/model.ts';
import { noFence } from '../../src/firewall/rulesets.ts';
import { kernelKinds } from '../helpers/kernels.ts';
import { fenceState, snapshot } from '../helpers/states.ts';
import { bringAbout } from './bring-about.ts';
import type { Stage } from './stage.ts';
import { linesOnTheWay, setStage } from './stage.ts';
import { fence, transitions } from './transitions.ts';

async function applyAndFail({ backend }: Stage, want: DesiredState): Promise<GeofenceError> {
  try {
    await bringAbout(backend, want);
  } catch (error) {
    assert.ok(error instanceof GeofenceError);
    return error;
  }
  return assert.fail('it went well');
}

for (const kind of kernelKinds) {
  describe(`applyPolicy() on ${kind.name}`, { skip: kind.skip, concurrency: 4 }, () => {
    for (const transition of transitions) {
      test(`puts back what was there when ${transition.name} fails at any line`, async (t) => {
        for (const line of await linesOnTheWay(t, kind, transition)) {
          const stage = await setStage(t, kind, transition.from);
          const { kernel, backend } = stage;
          kernel.failAt(line);
          const { message } = await applyAndFail(stage, transition.to);
          assert.match(
            message,
            /^Cannot apply the fence, the firewall is as it was: (ipset|ip6?tables\S*-restore) .*failed: .*\(line \d+: .+\)$/,
          );
          assert.deepEqual(snapshot(await backend.read('content')), snapshot(transition.from), message);
          await bringAbout(backend, transition.to);
          assert.deepEqual(snapshot(await backend.read('content')), snapshot(transition.to));
        }
      });
    }

    test('quotes the line that a tool refuses', async (t) => {
      const stage = await setStage(t, kind, noFence);
      const line = '-A GEOFENCE -p udp -m udp --sport 547 --dport 546 -j RETURN';
      stage.kernel.failOn(new RegExp(`^${line}$`));
      const { message } = await applyAndFail(stage, fence);
      assert.match(message, /ip6tables\S*-restore --noflush --wait 30 failed: .*line:? 8/);
      assert.ok(message.endsWith(`(line 8: ${line})`), message);
    });

    test('says to run it as root when a tool is refused in the middle', async (t) => {
      const stage = await setStage(t, kind, noFence);
      const message = 'Kernel error received: Operation not permitted';
      stage.kernel.failOn(/^add geofence-main-allow-4.new /, { message });
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

    test('says what it reads back when others change it again and again, and puts back what was there', async (t) => {
      const stage = await setStage(t, kind, fence);
      const { kernel, backend } = stage;
      let times = 0;
      const meddle = async (): Promise<void> => {
        await kernel.meddle('ipset', ['restore'], 'add geofence-main-allow-4 198.51.100.0/24\n');
        if (++times < 4) kernel.before(/^swap /, async () => kernel.before(/^ipset list -n/, meddle));
      };
      kernel.before(/^swap /, async () => kernel.before(/^ipset list -n/, meddle));
      const { message } = await applyAndFail(stage, fenceState({ networks: ['192.0.2.0/25'] }));
      assert.match(
        message,
        /the firewall is as it was: Cannot verify the fence: read back, set geofence-main-allow-4 holds other addresses/,
      );
      assert.deepEqual(snapshot(await backend.read('content')), snapshot(fence));
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
      kernel.failOn(/^add geofence-main-allow-6.new /);
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
