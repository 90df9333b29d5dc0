import assert from 'node:assert/strict';
import { test } from 'node:test';
import { families, ipv4, ipv6 } from '../../src/ip/family.ts';
import { countries } from '../../src/zones/countries.ts';
import { desiredState } from '../../src/plan/desired.ts';
import { noRules, rulesOf as findRules } from '../../src/firewall/rulesets.ts';
import { renderHeader } from '../../src/firewall/ipset/set-header.ts';
import { hookOf, textOf } from '../helpers/rules.ts';
import { fenceState, policyOf, boundsIn, snapshot } from '../helpers/states.ts';

const networks = ['192.0.2.0/24', '2001:db8::/32'];
const escapes = ['198.51.100.7', '2001:db9::/48'];

test('desiredState() is two sets and three chains for each family', () => {
  const state = fenceState({ networks, escapes });
  assert.deepEqual(
    [...state.sets.values()].map(({ name, shape }) => `${name} ${renderHeader(shape)}`),
    [
      'geofence-main-allow-4 hash:net family inet',
      'geofence-escape-4 hash:net family inet',
      'geofence-main-allow-6 hash:net family inet6',
      'geofence-escape-6 hash:net family inet6',
    ],
  );
  for (const family of families) {
    const { chains, hooks } = findRules(state, 'main', family);
    assert.deepEqual([...chains.keys()], ['GEOFENCE', 'GEOFENCE-main', 'GEOFENCE-DROP']);
    assert.deepEqual(hooks, [hookOf('-j GEOFENCE')]);
  }
});

test('desiredState() drops early, if asked to, what the fence would drop, and nothing but a bare SYN', () => {
  const state = fenceState({ networks, escapes, dropsEarly: true });
  for (const family of families) {
    const [fence, early] = [findRules(state, 'main', family), findRules(state, 'early', family)];
    assert.deepEqual(early.hooks, [hookOf('-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j GEOFENCE')]);
    for (const chain of ['GEOFENCE-main', 'GEOFENCE-DROP']) {
      assert.deepEqual(early.chains.get(chain), fence.chains.get(chain));
    }
    assert.deepEqual(early.chains.get('GEOFENCE'), [
      fence.chains.get('GEOFENCE')?.at(0),
      fence.chains.get('GEOFENCE')?.at(-1),
    ]);
  }
  assert.equal(findRules(fenceState({ networks }), 'early', ipv4).chains.size, 0);
  const ipv4Only = fenceState({ networks, dropsEarly: true, ipv6: false });
  assert.equal(findRules(ipv4Only, 'early', ipv6).chains.size, 0);
});

/** The rules of one chain of one family. */
const rulesOf = (state: ReturnType<typeof fenceState>, version: 4 | 6, chain: string): string[] =>
  (state.rulesets.find(({ family }) => family.version === version)?.chains.get(chain) ?? []).map((rule) =>
    textOf(rule, version === 4 ? ipv4 : ipv6),
  );

test('desiredState() lets pass what is no question of geography', () => {
  const state = fenceState({ networks });
  assert.deepEqual(rulesOf(state, 4, 'GEOFENCE'), [
    '-i lo -j RETURN',
    '-m conntrack --ctstate RELATED,ESTABLISHED -j RETURN',
    '-p udp -m udp --sport 67 --dport 68 -j RETURN',
    '-m comment --comment "geofence: allow only CA (Canada)" -g GEOFENCE-main',
  ]);
  assert.deepEqual(rulesOf(state, 6, 'GEOFENCE').slice(2, 8), [
    '-p ipv6-icmp -m icmp6 --icmpv6-type 133 -m hl --hl-eq 255 -j RETURN',
    '-p ipv6-icmp -m icmp6 --icmpv6-type 134 -m hl --hl-eq 255 -j RETURN',
    '-p ipv6-icmp -m icmp6 --icmpv6-type 135 -m hl --hl-eq 255 -j RETURN',
    '-p ipv6-icmp -m icmp6 --icmpv6-type 136 -m hl --hl-eq 255 -j RETURN',
    '-p ipv6-icmp -m icmp6 --icmpv6-type 137 -m hl --hl-eq 255 -j RETURN',
    '-p udp -m udp --sport 547 --dport 546 -j RETURN',
  ]);
});

for (const { mode, first } of [
  { mode: 'allow', first: '-m set --match-set geofence-main-allow-4 src -j RETURN' },
  { mode: 'deny', first: '-m set ! --match-set geofence-main-deny-4 src -j RETURN' },
] as const) {
  test(`desiredState() looks at the countries first and at the escapes before a drop, mode ${mode}`, () => {
    assert.deepEqual(rulesOf(fenceState({ mode, networks }), 4, 'GEOFENCE-main'), [
      first,
      '-m set --match-set geofence-escape-4 src -j RETURN',
      '-g GEOFENCE-DROP',
    ]);
  });
}

test('desiredState() logs drops at a limited rate, if asked to', () => {
  assert.deepEqual(rulesOf(fenceState(), 6, 'GEOFENCE-DROP'), ['-j DROP']);
  assert.deepEqual(rulesOf(fenceState({ logDrops: true }), 6, 'GEOFENCE-DROP'), [
    '-m limit --limit 6/min --limit-burst 10 -j LOG --log-prefix "geofence drop: "',
    '-j DROP',
  ]);
});

test('desiredState() has nothing of a family that is left open', () => {
  const state = fenceState({ networks, escapes, ipv6: false });
  assert.deepEqual([...state.sets.keys()], ['geofence-main-allow-4', 'geofence-escape-4']);
  assert.deepEqual(findRules(state, 'main', ipv6), noRules('main', ipv6));
  assert.ok(snapshot(state).every((line) => !line.startsWith('IPv6')));
});

test('desiredState() keeps each fence apart, in order', () => {
  const policy = {
    ...policyOf({ escapes }),
    fences: [
      { name: 'ssh', mode: 'allow', countries: ['CA'] },
      { name: 'main', mode: 'deny', countries: ['RU'] },
    ],
  } as const;
  const state = desiredState(policy, (fence, family) =>
    boundsIn(family, fence.name === 'ssh' ? ['192.0.2.0/24'] : ['198.51.100.0/24']),
  );
  assert.deepEqual(snapshot({ ...state, rulesets: [] }).slice(0, 4), [
    'set geofence-escape-4 (hash:net family inet): 198.51.100.7/32',
    'set geofence-escape-6 (hash:net family inet6): 2001:db9::/48',
    'set geofence-main-deny-4 (hash:net family inet): 198.51.100.0/24',
    'set geofence-main-deny-6 (hash:net family inet6):',
  ]);
  assert.deepEqual(rulesOf(state, 4, 'GEOFENCE').slice(-2), [
    '-m comment --comment "geofence: allow only CA (Canada)" -g GEOFENCE-ssh',
    '-m comment --comment "geofence: deny RU (Russia)" -g GEOFENCE-main',
  ]);
});

test('desiredState() writes comments that iptables takes', () => {
  const codes = [...countries.keys()];
  for (const selection of [...codes.map((code) => [code]), codes, codes.slice(0, 200)]) {
    const [, comment = ''] =
      /--comment "(.*)" -g/.exec(rulesOf(fenceState({ countries: selection }), 4, 'GEOFENCE').at(-1) ?? '') ??
      [];
    assert.match(comment, /^geofence: allow only /);
    assert.doesNotMatch(comment, /["\\\n]/);
    assert.ok(Buffer.byteLength(comment) <= 255, comment);
  }
});
