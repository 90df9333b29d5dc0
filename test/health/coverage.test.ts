import assert from 'node:assert/strict';
import { test } from 'node:test';
import { networksOf } from '../../src/firewall/set-shape.ts';
import { families, ipv4, ipv6 } from '../../src/ip/family.ts';
import type { Situation } from '../../src/health/coverage.ts';
import { coverage } from '../../src/health/coverage.ts';
import { diff } from '../../src/plan/diff.ts';
import type { AnyRule, Hook, SetState, State } from '../../src/firewall/model.ts';
import { hookOf } from '../helpers/rules.ts';
import { noFence } from '../../src/firewall/rulesets.ts';
import type { FenceOptions } from '../helpers/states.ts';
import { boundsIn, fenceState, policyOf } from '../helpers/states.ts';

const fence: FenceOptions = { networks: ['192.0.2.0/24', '2001:db8::/48'] };
const early: FenceOptions = { ...fence, dropsEarly: true };
const whole = fenceState(fence);

/** The fence, its IPv4 rules meddled with. */
const meddled = (
  change: (chains: Map<string, readonly AnyRule[]>, hooks: readonly Hook[]) => readonly Hook[],
): State => ({
  ...whole,
  rulesets: whole.rulesets.map((ruleset) => {
    if (ruleset.family !== ipv4 || ruleset.stage !== 'main') return ruleset;
    const chains = new Map(ruleset.chains);
    const hooks = change(chains, ruleset.hooks);
    return { ...ruleset, chains, hooks };
  }),
});

const emptied = (name: string): State =>
  meddled((chains, hooks) => {
    chains.set(name, []);
    return hooks;
  });

const situation = (actual: State, options: FenceOptions = fence): Situation => ({
  policy: policyOf(options),
  available: families,
  desired: fenceState(options),
  actual,
  changes: diff(fenceState(options), actual),
});

const cases: readonly [name: string, Situation, ipv4: string, ipv6: string][] = [
  ['a whole fence', situation(whole), 'fenced', 'fenced'],
  ['no fence', situation(noFence), 'down', 'down'],
  [
    'an open family',
    situation(fenceState({ ...fence, ipv6: false }), { ...fence, ipv6: false }),
    'fenced',
    'open',
  ],
  [
    'a fence in a family that should be open',
    situation(whole, { ...fence, ipv6: false }),
    'fenced',
    'doubtful',
  ],
  ['a family the kernel lacks', { ...situation(whole), available: [ipv4] }, 'fenced', 'absent'],
  ['no policy, no fence', { ...situation(noFence), policy: undefined, changes: [] }, 'open', 'open'],
  ['no policy, but a fence', { ...situation(whole), policy: undefined }, 'doubtful', 'doubtful'],
  ['no jump', situation(meddled(() => [])), 'down', 'fenced'],
  [
    'a jump for some packets alone',
    situation(meddled(() => [hookOf('-i eth0 -m set ! --match-set geofence-main-allow-4 src -j GEOFENCE')])),
    'down',
    'fenced',
  ],
  [
    'a jump in another chain',
    situation(meddled((_, hooks) => hooks.map((hook) => ({ ...hook, at: 'FORWARD' })))),
    'down',
    'fenced',
  ],
  [
    "a jump behind somebody's rule",
    situation(meddled((_, hooks) => hooks.map((hook) => ({ ...hook, position: 2 })))),
    'doubtful',
    'fenced',
  ],
  ['an emptied chain', situation(emptied('GEOFENCE')), 'down', 'fenced'],
  [
    'a fence without its early drop',
    situation({ ...whole, rulesets: whole.rulesets.filter(({ stage }) => stage === 'main') }, early),
    'fenced',
    'fenced',
  ],
  ['other content', situation(whole, { networks: ['192.0.2.0/24'] }), 'fenced', 'doubtful'],
  [
    'an emptied deny set',
    situation(fenceState({ mode: 'deny', networks: ['192.0.2.0/24'] }), { ...fence, mode: 'deny' }),
    'fenced',
    'down',
  ],
  ['an emptied allow set, which lets nobody in', situation(fenceState()), 'doubtful', 'doubtful'],
];

for (const [name, given, wantIPv4, wantIPv6] of cases) {
  test(`coverage() of ${name} is ${wantIPv4} and ${wantIPv6}`, () => {
    assert.deepEqual([coverage(ipv4, given), coverage(ipv6, given)], [wantIPv4, wantIPv6]);
  });
}

test('coverage() does not mind a set that is there for nothing', () => {
  const left = {
    name: 'geofence-main-deny-4',
    shape: networksOf(ipv4),
    bounds: boundsIn(ipv4, ['192.0.2.0/24']),
  };
  const actual = { ...whole, sets: new Map<string, SetState>([...whole.sets, [left.name, left]]) };
  assert.equal(coverage(ipv4, situation(actual)), 'fenced');
});
