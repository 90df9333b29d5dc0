import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { families } from '../../src/ip/family.ts';
import { firstSet } from '../../src/firewall/ipset/temporary-sets.ts';
import type { Stage, State } from '../../src/firewall/model.ts';
import { looksAt, noFence, rulesOf } from '../../src/firewall/rulesets.ts';
import { kernelKinds } from '../helpers/kernels.ts';
import { judge, snapshot } from '../helpers/states.ts';
import { bringAbout } from './bring-about.ts';
import { linesOnTheWay, setStage } from './stage.ts';
import type { Transition } from './transitions.ts';
import { transitions } from './transitions.ts';

/** From inside and outside of every network of the transitions. */
const addresses = [
  '192.0.2.1',
  '198.51.100.1',
  '198.51.100.200',
  '203.0.113.7',
  '203.0.113.8',
  '203.0.113.9',
  '2001:db8::1',
  '2001:db8:1::1',
  '2001:db9::1',
  '2001:dba::1',
  '2001:dbb::1',
];

/** What a state does with each address: "192.0.2.1 passes". */
const verdicts = (state: State): string[] =>
  addresses.map((address) => `${address} ${judge(state, address).passes ? 'passes' : 'is dropped'}`);

/** The early drop alone, and the fence alone. */
const withStage = (state: State, stage: Stage): State => ({
  ...state,
  rulesets: state.rulesets.filter((rules) => rules.stage === stage),
});

const setLines = (state: State): string[] => snapshot({ ...state, rulesets: [] });
const ruleLines = (state: State, stage: Stage, family: (typeof families)[number]): string =>
  snapshot({ sets: new Map(), rulesets: [rulesOf(state, stage, family)] }).join('\n');

/** Second sets hold what the first will, and rules may look at them on the way. */
const withoutSecond = (text: string): string => text.replaceAll(/(?<=-[46])\.alt\b/g, '');

/** Nothing in the kernel is anything but the old or the new, and nobody gets in or is shut out on the way. */
function assertOldOrNew(actual: State, transition: Transition): void {
  const { from, to } = transition;
  const known = new Set([...setLines(from), ...setLines(to)]);
  const inUse = [...actual.sets.values()].filter(
    ({ name, isUnfinished }) =>
      isUnfinished !== true &&
      (firstSet(name) === undefined || actual.rulesets.some((rules) => looksAt(rules, name))),
  );
  const sets = setLines({ ...actual, sets: new Map(inUse.map((set) => [set.name, set])) }).map(withoutSecond);
  assert.deepEqual(
    sets.filter((line) => !known.has(line)),
    [],
  );
  for (const family of families) {
    const candidates = [from, to].map((state) => ruleLines(state, 'main', family));
    assert.ok(candidates.includes(withoutSecond(ruleLines(actual, 'main', family))), `${family.label} rules`);
    const early = [from, to, noFence].map((state) => ruleLines(state, 'early', family));
    assert.ok(early.includes(ruleLines(actual, 'early', family)), `${family.label} early drop`);
  }
  const [before, after] = [verdicts(from), verdicts(to)];
  const found = verdicts(actual);
  for (const [i, line] of found.entries()) assert.ok(line === before[i] || line === after[i], line);
  const ofFence = verdicts(withStage(actual, 'main'));
  for (const [i, line] of verdicts(withStage(actual, 'early')).entries()) {
    assert.ok(line.endsWith('passes') || line === ofFence[i], `dropped early only: ${line}`);
  }
}

for (const kind of kernelKinds) {
  describe(`a run on ${kind.name}`, { skip: kind.skip, concurrency: 4 }, () => {
    for (const transition of transitions) {
      test(`leaves the old or the new when killed at any line of ${transition.name}, and the next heals`, async (t) => {
        for (const line of await linesOnTheWay(t, kind, transition)) {
          const { kernel, backend } = await setStage(t, kind, transition.from);
          kernel.killAt(line);
          await assert.rejects(bringAbout(backend, transition.to), /killed/);
          kernel.revive();
          assertOldOrNew(await backend.read('content'), transition);
          await bringAbout(backend, transition.to);
          assert.deepEqual(snapshot(await backend.read('content')), snapshot(transition.to));
        }
      });
    }
  });
}
