import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Ruleset, State } from '../../src/firewall/model.ts';
import { noFence } from '../../src/firewall/rulesets.ts';
import type { Verdict } from '../../src/explain/verdict.ts';
import { hookOf, ruleOf } from '../helpers/rules.ts';
import { fenceState, judge } from '../helpers/states.ts';

const options = {
  networks: ['192.0.2.0/24', '2001:db8::/32'],
  escapes: ['198.51.100.7', '192.0.2.7', '2001:db9::/48'],
};
const allow = fenceState(options);
const deny = fenceState({ ...options, mode: 'deny' });

const inAllow = ruleOf('-m set --match-set geofence-main-allow-4 src -j RETURN');
const notInDeny = ruleOf('-m set ! --match-set geofence-main-deny-4 src -j RETURN');
const inEscape = ruleOf('-m set --match-set geofence-escape-4 src -j RETURN');

const cases: { name: string; state: State; address: string; want: Verdict }[] = [
  {
    name: 'an allowed address after one lookup',
    state: allow,
    address: '192.0.2.1',
    want: {
      passes: true,
      chain: 'GEOFENCE-main',
      rule: inAllow,
      lookups: [{ set: 'geofence-main-allow-4', isInside: true }],
    },
  },
  {
    name: 'an escape after two',
    state: allow,
    address: '198.51.100.7',
    want: {
      passes: true,
      chain: 'GEOFENCE-main',
      rule: inEscape,
      lookups: [
        { set: 'geofence-main-allow-4', isInside: false },
        { set: 'geofence-escape-4', isInside: true },
      ],
    },
  },
  {
    name: 'a stranger',
    state: allow,
    address: '203.0.113.1',
    want: {
      passes: false,
      chain: 'GEOFENCE-DROP',
      rule: ruleOf('-j DROP'),
      lookups: [
        { set: 'geofence-main-allow-4', isInside: false },
        { set: 'geofence-escape-4', isInside: false },
      ],
    },
  },
  {
    name: 'a denied address',
    state: deny,
    address: '192.0.2.1',
    want: {
      passes: false,
      chain: 'GEOFENCE-DROP',
      rule: ruleOf('-j DROP'),
      lookups: [
        { set: 'geofence-main-deny-4', isInside: true },
        { set: 'geofence-escape-4', isInside: false },
      ],
    },
  },
  {
    name: 'an escape among the denied',
    state: deny,
    address: '192.0.2.7',
    want: {
      passes: true,
      chain: 'GEOFENCE-main',
      rule: inEscape,
      lookups: [
        { set: 'geofence-main-deny-4', isInside: true },
        { set: 'geofence-escape-4', isInside: true },
      ],
    },
  },
  {
    name: 'an address that is not denied',
    state: deny,
    address: '203.0.113.1',
    want: {
      passes: true,
      chain: 'GEOFENCE-main',
      rule: notInDeny,
      lookups: [{ set: 'geofence-main-deny-4', isInside: false }],
    },
  },
  {
    name: 'anything where there is no fence',
    state: noFence,
    address: '203.0.113.1',
    want: { passes: true, lookups: [] },
  },
  {
    name: 'anything of a family that is left open',
    state: fenceState({ ...options, ipv6: false }),
    address: '2001:dba::1',
    want: { passes: true, lookups: [] },
  },
];

for (const { name, state, address, want } of cases) {
  test(`verdict() judges ${name}`, () => assert.deepEqual(judge(state, address), want));
}

test('verdict() looks at the sets of the address family', () => {
  assert.equal(judge(allow, '2001:db8::1').passes, true);
  assert.equal(judge(allow, '2001:db9::1').passes, true);
  assert.deepEqual(
    judge(allow, '2001:dba::1').lookups.map(({ set }) => set),
    ['geofence-main-allow-6', 'geofence-escape-6'],
  );
});

test('verdict() passes over a rule that logs', () => {
  assert.equal(judge(fenceState({ ...options, logDrops: true }), '203.0.113.1').passes, false);
});

/** The allow fence with its IPv4 rules changed by hand. */
const changed = (change: (ruleset: Ruleset) => Partial<Ruleset>): State => ({
  ...allow,
  rulesets: allow.rulesets.map((ruleset, i) => (i === 0 ? { ...ruleset, ...change(ruleset) } : ruleset)),
});
const withChain = (name: string, ...texts: string[]): State =>
  changed(({ chains }) => ({
    chains: new Map(chains).set(
      name,
      texts.map((text) => ruleOf(text)),
    ),
  }));

for (const { name, state, passes } of [
  { name: 'without a jump', state: changed(() => ({ hooks: [] })), passes: true },
  {
    name: 'with a jump from a hook that the packet does not come to first',
    state: changed(() => ({ hooks: [hookOf('-j GEOFENCE', 1, 'OUTPUT')] })),
    passes: true,
  },
  {
    name: 'with a jump for one interface',
    state: changed(() => ({ hooks: [hookOf('-i eth0 -j GEOFENCE')] })),
    passes: true,
  },
  { name: 'with a flushed chain', state: withChain('GEOFENCE-main'), passes: true },
  { name: 'without a set', state: { ...allow, sets: new Map() }, passes: false },
  {
    name: 'with an ACCEPT in the way',
    state: withChain('GEOFENCE-main', '-j ACCEPT', '-g GEOFENCE-DROP'),
    passes: true,
  },
  { name: 'with a REJECT in the way', state: withChain('GEOFENCE', '-j REJECT'), passes: false },
  {
    name: 'with a RETURN for another source in the way',
    state: withChain('GEOFENCE', '-s 192.0.2.1/32 -j RETURN', '-g GEOFENCE-DROP'),
    passes: false,
  },
]) {
  test(`verdict() judges a stranger ${name}`, () => {
    assert.equal(judge(state, '203.0.113.1').passes, passes);
  });
}

const withCall = (option: '-j' | '-g'): State =>
  changed(({ chains }) => ({
    chains: new Map(chains)
      .set('GEOFENCE', [ruleOf(`${option} GEOFENCE-old`), ruleOf('-j DROP')])
      .set('GEOFENCE-old', [ruleOf('-j RETURN')]),
  }));

test('verdict() goes on after a chain that was jumped into, and not after one that was gone to', () => {
  assert.equal(judge(withCall('-j'), '203.0.113.1').passes, false);
  assert.equal(judge(withCall('-g'), '203.0.113.1').passes, true);
});
