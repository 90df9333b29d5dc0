import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fakeKind, kernelKinds } from '../helpers/kernels.ts';
import { failEachOnce, failingCommands } from './fail-each-once.ts';

// All of them, before and after, are tried by the soak test: here it would take minutes.
for (const kind of kernelKinds.filter(({ variant }) => variant !== 'legacy')) {
  describe(`a tool on ${kind.name}`, { skip: kind.skip, concurrency: 2 }, () => {
    for (const command of kind === fakeKind ? failingCommands : failingCommands.slice(1, 2))
      test(`may fail once in a ${command.name}`, async (t) => {
        const count = await failEachOnce(t, kind, command, { tried: 'distinct', when: 'before' });
        assert.ok(count >= 5, `${count} failures`);
      });
  });
}
