import { describe, test } from 'node:test';
import { fakeKind, kernelKinds } from '../helpers/kernels.ts';
import { failEachOnce, failingCommands } from '../kernel/fail-each-once.ts';

for (const kind of kernelKinds) {
  // Each call takes the real tools some of a second, and what they do not do is the same after and before: of calls that
  // are alike one is tried there, each with TOOLS=all.
  const [tried, moments] =
    kind === fakeKind
      ? (['all', ['before', 'after']] as const)
      : ([process.env['TOOLS'] === 'all' ? 'all' : 'distinct', ['before']] as const);
  describe(`each call of a tool on ${kind.name}`, { skip: kind.skip, concurrency: 2 }, () => {
    for (const command of failingCommands)
      for (const when of moments)
        test(`may fail once in a ${command.name}, ${when} it did its work`, async (t) => {
          t.diagnostic(`${await failEachOnce(t, kind, command, { tried, when })} failures`);
        });
  });
}
