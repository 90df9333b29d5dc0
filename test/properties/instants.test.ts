import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Backend } from '../../src/firewall/backend.ts';
import { verdict } from '../../src/explain/verdict.ts';
import type { Steps } from '../../src/firewall/ipset/steps.ts';
import { stepsOf } from '../../src/firewall/ipset/steps.ts';
import { restoreArgs, toolName } from '../../src/firewall/ipset/tool-names.ts';
import type { DesiredState, State } from '../../src/firewall/model.ts';
import { families } from '../../src/ip/family.ts';
import { desiredState } from '../../src/plan/desired.ts';
import { diff } from '../../src/plan/diff.ts';
import { withKeptSets } from '../../src/plan/kept-sets.ts';
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

/** A piece of a change, as the tool that carries it out is given it. */
interface Piece {
  readonly tool: string;
  readonly args: readonly string[];
  readonly input: string;
}

/** The pieces of a change, one after the other. */
function allPieces({ prepare, commit, tidy }: Steps): Piece[] {
  return [...prepare, ...commit, ...tidy].flatMap((step) => {
    if (step.tool === 'copy') return [];
    const [tool, args] =
      step.tool === 'ipset'
        ? ['ipset', ['restore']]
        : [toolName(step.family, 'auto', 'restore'), restoreArgs];
    return piecesOf(tool, String(step.input)).map((input) => ({ tool, args, input }));
  });
}

const anyArrivals = fc.array(anyArrival, { minLength: 12, maxLength: 12 });

test('while one policy takes the place of another, each packet meets the one or the other', async () => {
  await fc.assert(
    fc.asyncProperty(anyPolicy, anyPolicy, anyArrivals, async (from, to, arrivals) => {
      const kernel = new FakeKernel();
      const backend = backendOn(kernel.run, async () => {}, 'auto');
      await place(kernel, 'auto', desiredState(from, boundsOf));
      await walk(kernel, backend, desiredState(to, boundsOf), arrivals);
    }),
    { numRuns: 60, includeErrorInReport: true },
  );
});

/** Carries out a change and looks after each piece; ends with what is wanted, and stops early after `most` pieces. */
async function walk(
  kernel: FakeKernel,
  backend: Backend,
  wanted: DesiredState,
  arrivals: readonly Arrival[],
  most = Infinity,
): Promise<void> {
  const actual = await backend.read('content');
  const desired = withKeptSets(wanted, actual, () => true);
  const [before, after] = [judge(actual, arrivals), judge(desired, arrivals)];
  const pieces = allPieces(stepsOf(diff(desired, actual)));
  for (const { tool, args, input } of pieces.slice(0, most)) {
    await kernel.meddle(tool, args, input);
    const now = judge(await backend.read('content'), arrivals);
    assert.ok(isBetween(now, before, after), `after ${input}`);
  }
  if (most < pieces.length) return;
  const end = await backend.read('content');
  assert.deepEqual(diff(desired, end), []);
  assert.deepEqual(
    [...end.sets.keys()].filter((name) => /\.(?:alt|new)$/.test(name)),
    [],
  );
}

test('a third policy takes the place of two, of which a killed run left the one or the other', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.tuple(anyPolicy, anyPolicy, anyPolicy),
      anyArrivals,
      fc.nat(30),
      async ([from, to, third], arrivals, most) => {
        const kernel = new FakeKernel();
        const backend = backendOn(kernel.run, async () => {}, 'auto');
        await place(kernel, 'auto', desiredState(from, boundsOf));
        await walk(kernel, backend, desiredState(to, boundsOf), arrivals, most);
        await walk(kernel, backend, desiredState(third, boundsOf), arrivals);
      },
    ),
    { numRuns: 100, includeErrorInReport: true },
  );
});
