import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diff } from '../../src/plan/diff.ts';
import type { Ruleset, SetState, State } from '../../src/firewall/model.ts';
import { noFence } from '../../src/firewall/rulesets.ts';
import { networksOf } from '../../src/firewall/set-shape.ts';
import { hookOf, ruleOf, textOf } from '../helpers/rules.ts';
import { boundsIn, fenceState } from '../helpers/states.ts';
import { nameChange } from '../kernel/bring-about.ts';
import { ipv4, ipv6 } from '../../src/ip/family.ts';

const fence = fenceState({ networks: ['192.0.2.0/24', '2001:db8::/32'], escapes: ['198.51.100.7'] });

const withSet = (state: State, set: Partial<SetState> & { name: string }): State => {
  const before = state.sets.get(set.name) ?? { shape: networksOf(ipv4), bounds: boundsIn(ipv4, []) };
  return { ...state, sets: new Map([...state.sets, [set.name, { ...before, ...set }]]) };
};

const withRules = (state: State, change: (ruleset: Ruleset) => Ruleset): State => ({
  ...state,
  rulesets: state.rulesets.map((ruleset, i) => (i === 0 ? change(ruleset) : ruleset)),
});

const withChain = (state: State, name: string, texts: readonly string[]): State =>
  withRules(state, (ruleset) => ({
    ...ruleset,
    chains: new Map(ruleset.chains).set(
      name,
      texts.map((text) => ruleOf(text)),
    ),
  }));

const jump = hookOf('-j GEOFENCE');

const cases: { name: string; actual: State; want: string[] }[] = [
  { name: 'nothing in an equal state', actual: fence, want: [] },
  {
    name: 'nothing in counters',
    actual: withRules(fence, (ruleset) => ({
      ...ruleset,
      chains: new Map(
        [...ruleset.chains].map(([name, rules]) => [
          name,
          rules.map((rule) => ({ ...rule, packets: 7, bytes: 700 })),
        ]),
      ),
    })),
    want: [],
  },
  {
    name: 'nothing in the order of chains',
    actual: withRules(fence, (ruleset) => ({
      ...ruleset,
      chains: new Map([...ruleset.chains].toReversed()),
    })),
    want: [],
  },
  {
    name: 'other addresses',
    actual: withSet(fence, { name: 'geofence-main-allow-4', bounds: boundsIn(ipv4, ['192.0.2.0/25']) }),
    want: ['replaceSet geofence-main-allow-4'],
  },
  {
    name: 'other options',
    actual: withSet(fence, {
      name: 'geofence-main-allow-4',
      shape: { ...networksOf(ipv4), extras: 'counters' },
    }),
    want: ['replaceSet geofence-main-allow-4'],
  },
  {
    name: 'a set of another family',
    actual: withSet(fence, {
      name: 'geofence-main-allow-4',
      shape: networksOf(ipv6),
      bounds: boundsIn(ipv6, ['2001:db8::/32']),
    }),
    want: ['destroySet geofence-main-allow-4', 'createSet geofence-main-allow-4'],
  },
  {
    name: 'a set of another type',
    actual: withSet(fence, {
      name: 'geofence-main-allow-4',
      shape: { ...networksOf(ipv4), kind: 'addresses' },
    }),
    want: ['destroySet geofence-main-allow-4', 'createSet geofence-main-allow-4'],
  },
  {
    name: 'a set of ours that nothing wants',
    actual: withSet(fence, { name: 'geofence-main-allow-4.new' }),
    want: ['destroySet geofence-main-allow-4.new'],
  },
  {
    name: 'a jump in another place',
    actual: withRules(fence, (ruleset) => ({ ...ruleset, hooks: [{ ...jump, position: 2 }] })),
    want: ['replaceRules IPv4'],
  },
  {
    name: 'a second jump',
    actual: withRules(fence, (ruleset) => ({ ...ruleset, hooks: [jump, { ...jump, position: 2 }] })),
    want: ['replaceRules IPv4'],
  },
  {
    name: 'a jump with a condition',
    actual: withRules(fence, (ruleset) => ({
      ...ruleset,
      hooks: [hookOf('-i eth0 -j GEOFENCE')],
    })),
    want: ['replaceRules IPv4'],
  },
  {
    name: 'no jump',
    actual: withRules(fence, (ruleset) => ({ ...ruleset, hooks: [] })),
    want: ['replaceRules IPv4'],
  },
  {
    name: 'a rule that nobody of us would write',
    actual: withChain(fence, 'GEOFENCE', ['-j MARK --set-xmark 0x1/0xffffffff']),
    want: ['replaceRules IPv4'],
  },
  { name: 'a chain too many', actual: withChain(fence, 'GEOFENCE-old', []), want: ['replaceRules IPv4'] },
  { name: 'an empty chain', actual: withChain(fence, 'GEOFENCE', []), want: ['replaceRules IPv4'] },
  {
    name: 'rules in another order',
    actual: withChain(
      fence,
      'GEOFENCE',
      fence.rulesets[0]!.chains.get('GEOFENCE')!
        .map((rule) => textOf(rule))
        .toReversed(),
    ),
    want: ['replaceRules IPv4'],
  },
];

for (const { name, actual, want } of cases) {
  test(`diff() finds ${name}`, () => assert.deepEqual(diff(fence, actual).map(nameChange), want));
}

test('diff() creates everything from nothing, and takes everything away again', () => {
  const sets = [...fence.sets.keys()];
  const rules = ['replaceRules IPv4', 'replaceRules IPv6'];
  assert.deepEqual(diff(fence, noFence).map(nameChange), [
    ...sets.map((name) => `createSet ${name}`),
    ...rules,
  ]);
  assert.deepEqual(diff(noFence, fence).map(nameChange), [
    ...rules,
    ...sets.map((name) => `destroySet ${name}`),
  ]);
});

test('diff() remembers what was there before', () => {
  const actual = withSet(fence, { name: 'geofence-main-allow-4', bounds: boundsIn(ipv4, ['192.0.2.0/25']) });
  const [change] = diff(fence, actual);
  assert.ok(change?.what === 'set' && change.verb === 'replace');
  assert.equal(change.before, actual.sets.get('geofence-main-allow-4'));
  assert.equal(change.set, fence.sets.get('geofence-main-allow-4'));
});
