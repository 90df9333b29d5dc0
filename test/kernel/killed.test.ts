import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { union } from '../../src/ip/bounds.ts';
import { familyOf, parseAddress } from '../../src/ip/cidr.ts';
import { families } from '../../src/ip/family.ts';
import type { Table } from '../../src/firewall/names.ts';
import { isEscapeSet } from '../../src/firewall/names.ts';
import type { State } from '../../src/firewall/model.ts';
import { noFence, rulesOf } from '../../src/firewall/model.ts';
import { verdict } from '../../src/explain/verdict.ts';
import { kernelKinds } from '../helpers/kernels.ts';
import { snapshot } from '../helpers/states.ts';
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
  addresses.map((address) => {
    const family = familyOf(address);
    const words = parseAddress(family, address) ?? assert.fail(address);
    return `${address} ${verdict(state, family, words).passes ? 'passes' : 'is dropped'}`;
  });

/** Of what is dropped early, as if it were the fence: for what is asked of both, the verdict must be the same. */
const earlyAsFence = (state: State): State => ({
  ...state,
  rulesets: state.rulesets
    .filter(({ table }) => table === 'raw')
    .map((rules) => ({
      ...rules,
      table: 'mangle',
      jumps: rules.jumps.map((jump) => ({ ...jump, text: '-j GEOFENCE' })),
    })),
});

const setLines = (state: State): string[] => snapshot({ ...state, rulesets: [] });
const ruleLines = (state: State, table: Table, family: (typeof families)[number]): string =>
  snapshot({ sets: new Map(), rulesets: [rulesOf(state, table, family)] }).join('\n');

/** On the way the escapes of both may hold: what only one of them lets pass is old or new as well. */
const bothEscapes = ({ from, to }: Transition): State => ({
  ...from,
  sets: new Map(
    [...from.sets].map(([name, set]) => {
      const other = isEscapeSet(name) ? to.sets.get(name) : undefined;
      return [name, other === undefined ? set : { ...set, bounds: union(set.bounds, other.bounds) }];
    }),
  ),
});

/** Nothing in the kernel is anything but the old or the new, and nobody gets in or is shut out on the way. */
function assertOldOrNew(actual: State, transition: Transition): void {
  const { from, to } = transition;
  const known = new Set([...setLines(from), ...setLines(to), ...setLines(bothEscapes(transition))]);
  const sets = setLines(actual).filter((line) => !/^set \S+\.new /.test(line));
  assert.deepEqual(
    sets.filter((line) => !known.has(line)),
    [],
  );
  for (const family of families) {
    const candidates = [from, to].map((state) => ruleLines(state, 'mangle', family));
    assert.ok(candidates.includes(ruleLines(actual, 'mangle', family)), `${family.label} rules`);
    const early = [from, to, noFence].map((state) => ruleLines(state, 'raw', family));
    assert.ok(early.includes(ruleLines(actual, 'raw', family)), `${family.label} early drop`);
  }
  const [before, after] = [verdicts(from), verdicts(to)];
  const found = verdicts(actual);
  for (const [i, line] of found.entries()) assert.ok(line === before[i] || line === after[i], line);
  for (const [i, line] of verdicts(earlyAsFence(actual)).entries()) {
    assert.ok(line.endsWith('passes') || line === found[i], `dropped early only: ${line}`);
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
          assertOldOrNew(await backend.read(), transition);
          await bringAbout(backend, transition.to);
          assert.deepEqual(snapshot(await backend.read()), snapshot(transition.to));
        }
      });
    }
  });
}
