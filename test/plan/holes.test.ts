import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verdict } from '../../src/explain/verdict.ts';
import type { DesiredState, SetState, State } from '../../src/firewall/model.ts';
import { families, ipv6 } from '../../src/ip/family.ts';
import { desiredState } from '../../src/plan/desired.ts';
import { diff } from '../../src/plan/diff.ts';
import {
  hasHoleSets,
  withHoles,
  withHolesOf,
  withOpenHoles,
  withSavedHoleSets,
} from '../../src/plan/holes.ts';
import { openPortsIn } from '../../src/plan/report-holes.ts';
import type { Policy } from '../../src/policy/policy.ts';
import { boundsOf, packetOf } from '../helpers/any-policies.ts';
import { fenceOf } from '../helpers/fences.ts';
import { fenceState, judge, policyOf } from '../helpers/states.ts';

/** The same with entries in sets of holes, as "SET ENTRY"; they end in a minute. */
const opened = (state: DesiredState, ...entries: readonly string[]): DesiredState => {
  const { sets, rulesets } = withHoles(state);
  const filled = [...sets.values()].map((set) => {
    const own = entries.map((text) => text.split(' ')).filter(([name]) => name === set.name);
    return own.length === 0 ? set : { ...set, timed: new Map(own.map(([, entry = '']) => [entry, 60])) };
  });
  return { rulesets, sets: new Map(filled.map((set) => [set.name, set])) };
};

/** Who is kept out where, by three fences of which one is a preview. */
const three = (dropsEarly: boolean): Policy => ({
  ...policyOf({ dropsEarly }),
  fences: [
    fenceOf({ name: 'main', countries: ['C1'] }),
    fenceOf({
      name: 'web',
      countries: 'everyone',
      scope: { interfaces: [], ports: [{ protocol: 'tcp', ranges: [{ from: 443, to: 443 }] }] },
    }),
    fenceOf({ name: 'ru', mode: 'deny', countries: ['C2'] }),
    fenceOf({ name: 'later', mode: 'deny', countries: ['C3'], isPreview: true }),
  ],
});

test('what is open passes every fence, early and late, and nothing else does', () => {
  for (const dropsEarly of [true, false]) {
    const state = opened(desiredState(three(dropsEarly), boundsOf), 'geofence-hole-tcp 80');
    for (const family of families)
      for (const [protocol, port, want] of [
        ['tcp', 80, true],
        ['tcp', 81, false],
        ['tcp', 443, false],
        ['udp', 80, false],
      ] as const) {
        const { passes } = verdict(state, packetOf({ interface: 'eth0', protocol, port }, family, 2));
        assert.equal(passes, want, `${family.name} ${protocol}/${port}, ${dropsEarly ? 'early' : 'late'}`);
      }
  }
});

test('a visitor gets in everywhere, over the family of the address', () => {
  for (const dropsEarly of [true, false]) {
    const fence = fenceState({ networks: ['192.0.2.0/24', '2001:db8::/32'], dropsEarly });
    const state = opened(fence, 'geofence-hole-from-4 203.0.113.7');
    assert.equal(judge(state, '203.0.113.7', 22).passes, true);
    assert.equal(judge(state, '203.0.113.8', 22).passes, false);
    assert.equal(judge(state, '2001:db9::7', 22).passes, false);
  }
});

test('a preview does not count what comes in through a hole', () => {
  const policy = { ...policyOf({ dropsEarly: true }), fences: three(true).fences.slice(3) };
  for (const { family, chains } of withHoles(desiredState(policy, boundsOf)).rulesets)
    for (const rules of chains.values())
      assert.deepEqual(
        rules
          .slice(0, 3)
          .map(({ match = [], action }) => [
            match.map((one) => (one.on === 'set' ? one.set : one.on)).join(' '),
            action?.do,
          ]),
        [
          ['protocol geofence-hole-tcp', 'return'],
          ['protocol geofence-hole-udp', 'return'],
          [`geofence-hole-from-${family.version}`, 'return'],
        ],
      );
});

test('the rules of holes are put in once', () => {
  const once = withHoles(desiredState(three(true), boundsOf));
  assert.deepEqual(diff(withHoles(once), once), []);
});

test('a change keeps the sets and rules of holes while something is open, and takes them away after the last', () => {
  const fence = fenceState({ networks: ['192.0.2.0/24'] });
  const now: State = opened(fence, 'geofence-hole-udp 53');
  assert.deepEqual(diff(withOpenHoles(fence, now), now), []);
  const over = opened(fence);
  assert.equal(hasHoleSets(withOpenHoles(fence, over)), false);
  // Until the next change they are no drift.
  assert.deepEqual(diff(withHolesOf(fence, over), over), []);
  assert.equal(withHolesOf(fence, fence), fence);
});

test('only families that are fenced have holes', () => {
  const { sets, rulesets } = withHoles(fenceState({ networks: ['192.0.2.0/24'], ipv6: false }));
  assert.deepEqual(
    [...sets.keys()].filter((name) => name.includes('hole')),
    ['geofence-hole-tcp', 'geofence-hole-udp', 'geofence-hole-from-4'],
  );
  assert.deepEqual(
    rulesets.filter(({ family, hooks, chains }) => family === ipv6 && hooks.length + chains.size > 0),
    [],
  );
});

test('saved rules find the sets of holes that they name', () => {
  const fence = fenceState({ networks: ['192.0.2.0/24'] });
  const saved = '-A GEOFENCE -p tcp -m set --match-set geofence-hole-tcp dst -j RETURN';
  const added = [...withSavedHoleSets(fence, saved).sets.keys()].filter((name) => !fence.sets.has(name));
  assert.deepEqual(added, ['geofence-hole-tcp']);
});

const ports = (...entries: [string, number][]): SetState => ({
  name: 'geofence-hole-tcp',
  shape: { kind: 'ports', hasTimeouts: true, extras: '' },
  timed: new Map(entries),
});

test('ports next to each other that end together are told as one', () => {
  const set = ports(['100', 60], ['80', 60], ['81', 59], ['82', 30], ['84', 30]);
  assert.deepEqual(
    openPortsIn({ sets: new Map([[set.name, set]]), rulesets: [] }).map(({ from, to, secondsLeft }) => [
      from,
      to,
      secondsLeft,
    ]),
    [
      [80, 81, 60],
      [82, 82, 30],
      [84, 84, 30],
      [100, 100, 60],
    ],
  );
});
