import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { verdict } from '../../src/explain/verdict.ts';
import { stepsOf } from '../../src/firewall/ipset/steps.ts';
import { restoreArgs, toolName } from '../../src/firewall/ipset/tool-names.ts';
import type { State } from '../../src/firewall/model.ts';
import { families } from '../../src/ip/family.ts';
import { desiredState } from '../../src/plan/desired.ts';
import { diff } from '../../src/plan/diff.ts';
import type { Arrival } from '../../src/policy/scope.ts';
import { anyArrival } from '../helpers/any-fences.ts';
import { anyPolicy, boundsOf, packetOf } from '../helpers/any-policies.ts';
import { backendOn } from '../helpers/backends.ts';
import { FakeKernel } from '../helpers/fake-kernel.ts';
import { place } from '../kernel/bring-about.ts';

const numbers = [1, 2, 3, 4, 5, 6];

/** What a state lets pass, packet by packet. */
const judge = (state: State, arrivals: readonly Arrival[]): boolean[] =>
  families.flatMap((family) =>
    arrivals.flatMap((arrival) => numbers.map((n) => verdict(state, packetOf(arrival, family, n)).passes)),
  );

/** Whether each packet that both agree about is judged so. */
const isBetween = (
  state: readonly boolean[],
  before: readonly boolean[],
  after: readonly boolean[],
): boolean => state.every((one, i) => one === before[i] || one === after[i]);

/** The texts of a change as the kernel carries them out: exchanges of sets one by one, and tables one by one. */
function piecesOf(tool: string, input: string): string[] {
  if (tool !== 'ipset') return input.split(/(?<=^COMMIT\n)(?=\*)/m);
  return input.split(/(?<=^(?:swap|rename|destroy) .*\n)/m);
}

test('while one policy takes the place of another, each packet meets the one or the other', async () => {
  await fc.assert(
    fc.asyncProperty(
      anyPolicy,
      anyPolicy,
      fc.array(anyArrival, { minLength: 12, maxLength: 12 }),
      async (from, to, arrivals) => {
        const kernel = new FakeKernel();
        const backend = backendOn(kernel.run, async () => {}, 'auto');
        await place(kernel, 'auto', desiredState(from, boundsOf));
        const actual = await backend.read('content');
        const desired = desiredState(to, boundsOf);
        const [before, after] = [judge(actual, arrivals), judge(desired, arrivals)];
        const { prepare, commit, tidy } = stepsOf(diff(desired, actual));
        for (const step of [...prepare, ...commit, ...tidy]) {
          if (step.tool === 'copy') continue;
          const [tool, args] =
            step.tool === 'ipset'
              ? ['ipset', ['restore']]
              : [toolName(step.family, 'auto', 'restore'), restoreArgs];
          for (const piece of piecesOf(tool, String(step.input))) {
            await kernel.meddle(tool, args, piece);
            const now = judge(await backend.read('content'), arrivals);
            assert.ok(isBetween(now, before, after), `after ${piece}`);
          }
        }
        assert.deepEqual(diff(desired, await backend.read('content')), []);
      },
    ),
    { numRuns: 60, includeErrorInReport: true },
  );
});
