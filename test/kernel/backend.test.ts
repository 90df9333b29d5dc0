import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { backendOn } from '../helpers/backends.ts';
import { diff } from '../../src/plan/diff.ts';
import { noFence } from '../../src/firewall/rulesets.ts';
import { kernelKinds } from '../helpers/kernels.ts';
import { snapshot } from '../helpers/states.ts';
import { bringAbout, nameChange, place } from './bring-about.ts';
import { addForeign, dumpForeign } from './foreign.ts';
import { scenarios } from './scenarios.ts';

for (const { name: kernelName, variant, skip, create } of kernelKinds) {
  // Each has a namespace of its own, and mostly waits for other processes.
  describe(`applyPolicy() on ${kernelName}`, { skip, concurrency: 4 }, () => {
    for (const { name, from = noFence, disturb, want, changes } of scenarios) {
      test(name, async (t) => {
        const kernel = await create(t);
        const backend = backendOn(kernel.run, sleep, variant);
        await addForeign(kernel, variant);
        const foreign = await dumpForeign(kernel, variant);
        await place(kernel, variant, from);
        await disturb?.(kernel, variant);

        assert.deepEqual((await bringAbout(backend, want)).map(nameChange), changes);
        if (changes.length === 0) assert.deepEqual(kernel.writes, []);
        assert.deepEqual(await dumpForeign(kernel, variant), foreign);
        const found = await backend.read('content');
        assert.deepEqual(diff(want, found), [], 'a second run has nothing to do');
        assert.deepEqual(snapshot(found), snapshot(want));
      });
    }
  });
}
