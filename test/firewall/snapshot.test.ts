import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diff } from '../../src/plan/diff.ts';
import { snapshotOf, stateOf } from '../../src/firewall/ipset/snapshot.ts';
import { noFence } from '../../src/firewall/rulesets.ts';
import { fenceState } from '../helpers/states.ts';
import { asWanted } from '../../src/plan/as-wanted.ts';
import type { SetState, State } from '../../src/firewall/model.ts';

for (const [name, state] of [
  ['a fence', fenceState()],
  ['no fence', noFence],
] as const) {
  test(`stateOf() of the snapshot of ${name}, through JSON, is the same state`, () => {
    const copy = stateOf(JSON.parse(JSON.stringify(snapshotOf(state))) as ReturnType<typeof snapshotOf>);
    assert.deepEqual(diff(state, copy), []);
    assert.deepEqual(diff(copy, state), []);
  });
}

for (const [name, left, isUnfinished] of [
  ['half filled', 'geofence-main-allow-4.new', true],
  ['filled and put no rule on', 'geofence-main-deny-4', undefined],
] as const) {
  test(`snapshotOf() leaves out a set that a killed run ${name}`, () => {
    const state = fenceState();
    const [set] = state.sets.values();
    const sets = new Map([
      ...state.sets,
      [left, { ...set!, name: left, ...(isUnfinished && { isUnfinished }) }],
    ]);
    assert.deepEqual(snapshotOf({ ...state, sets }), snapshotOf(state));
  });
}

test('stateOf() of a snapshot takes a set of another kind under a name of the plan as asWanted() does', () => {
  const state = fenceState({ networks: ['192.0.2.7/32'], ipv6: false });
  const name = 'geofence-main-allow-4';
  const set = state.sets.get(name)!;
  const found: State = {
    ...state,
    sets: new Map<string, SetState>(state.sets).set(name, {
      ...set,
      shape: { ...set.shape, kind: 'addresses', maxEntries: 65_536 },
    }),
  };
  const copy = stateOf(JSON.parse(JSON.stringify(snapshotOf(found))) as ReturnType<typeof snapshotOf>);
  assert.deepEqual(copy.sets.get(name), asWanted(found).sets.get(name));
  assert.equal(copy.sets.get(name)?.owner, 'runtime');
});
