import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fenceOf } from '../helpers/fences.ts';
import { renderHeader } from '../../src/firewall/ipset/set-header.ts';
import { noRules, rulesOf as findRules } from '../../src/firewall/rulesets.ts';
import type { Family } from '../../src/ip/family.ts';
import { families, ipv4, ipv6 } from '../../src/ip/family.ts';
import { formatBounds } from '../../src/ip/prefixes.ts';
import { desiredState, withEscapeSets } from '../../src/plan/desired.ts';
import { countries } from '../../src/zones/countries.ts';
import { textOf } from '../helpers/rules.ts';
import { boundsIn, fenceState, policyOf, snapshot } from '../helpers/states.ts';

const networks = ['192.0.2.0/24', '2001:db8::/32'];
const escapes = ['198.51.100.7', '192.0.2.128/25', '2001:db9::/48'];

type Fenced = ReturnType<typeof fenceState>;

const hooksOf = (state: Fenced, stage: 'main' | 'early', family: Family): string[] =>
  findRules(state, stage, family).hooks.map(
    ({ at, position, rule }) => `${at} ${position} ${textOf(rule, family)}`,
  );
const rulesOf = (state: Fenced, family: Family): string[] =>
  (findRules(state, 'main', family).chains.get('GEOFENCE') ?? []).map((rule) => textOf(rule, family));
const setsOf = (state: Fenced): string[] =>
  [...state.sets.values()].flatMap(({ name, bounds }) =>
    bounds === undefined ? [] : [[name, ...formatBounds(bounds)].join(' ')],
  );

test('desiredState() is one set and one chain for each family', () => {
  const state = fenceState({ networks, escapes });
  assert.deepEqual(
    [...state.sets.values()].map(({ name, shape }) => `${name} ${renderHeader(shape)}`),
    [
      'geofence-main-allow-4 hash:net family inet',
      'geofence-main-allow-6 hash:net family inet6',
      'geofence-established-4 hash:ip,port,ip family inet timeout 0',
      'geofence-grace-4 hash:net family inet timeout 0',
      'geofence-established-6 hash:ip,port,ip family inet6 timeout 0',
      'geofence-grace-6 hash:net family inet6 timeout 0',
    ],
  );
  for (const family of families) {
    assert.deepEqual([...findRules(state, 'main', family).chains.keys()], ['GEOFENCE']);
    assert.deepEqual(hooksOf(state, 'main', family), [
      `prerouting 1 ! -i lo -m conntrack ! --ctstate RELATED,ESTABLISHED -m set ! --match-set geofence-main-allow-${family.version} src -j GEOFENCE`,
    ]);
  }
});

test('desiredState() lets escapes in with the countries, and takes them out of whom it keeps out', () => {
  assert.deepEqual(setsOf(fenceState({ networks, escapes })), [
    'geofence-main-allow-4 192.0.2.0/24 198.51.100.7/32',
    'geofence-main-allow-6 2001:db8::/32 2001:db9::/48',
  ]);
  assert.deepEqual(setsOf(fenceState({ mode: 'deny', networks, escapes })), [
    'geofence-main-deny-4 192.0.2.0/25',
    'geofence-main-deny-6 2001:db8::/32',
  ]);
});

const earlyHook = (mode: string, family: Family): string =>
  `prerouting 1 ! -i lo -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -m set ${mode === 'allow' ? '! ' : ''}--match-set geofence-main-${mode}-${family.version} src -j DROP`;

test('desiredState() drops early, if asked to, a bare SYN that the fence would drop', () => {
  for (const mode of ['allow', 'deny'] as const) {
    const state = fenceState({ mode, networks, dropsEarly: true });
    for (const family of families)
      assert.deepEqual(hooksOf(state, 'early', family), [earlyHook(mode, family)]);
  }
  assert.deepEqual(hooksOf(fenceState({ networks }), 'early', ipv4), []);
  assert.deepEqual(hooksOf(fenceState({ networks, dropsEarly: true, ipv6: false }), 'early', ipv6), []);
});

/** What was open before: put into a set for a while, and passed. */
const openRules = ({ version }: Family): string[] => [
  `-p tcp -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN -m set --match-set geofence-grace-${version} src -j SET --add-set geofence-established-${version} src,src,dst --exist --timeout 2073600`,
  `-p tcp -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN -m set --match-set geofence-established-${version} src,src,dst -j RETURN`,
];

test('desiredState() lets pass what is no question of geography', () => {
  const state = fenceState({ networks });
  assert.deepEqual(rulesOf(state, ipv4), [
    '-d 224.0.0.0/4 -p igmp -j RETURN',
    '-p udp -m udp --sport 67 --dport 68 -m addrtype --dst-type LOCAL,BROADCAST -j RETURN',
    ...openRules(ipv4),
    '-m comment --comment "geofence: allow only CA (Canada)" -j DROP',
  ]);
  assert.deepEqual(rulesOf(state, ipv6).slice(0, -1), [
    '-p ipv6-icmp -m icmp6 --icmpv6-type 133 -m hl --hl-eq 255 -j RETURN',
    '-p ipv6-icmp -m icmp6 --icmpv6-type 134 -m hl --hl-eq 255 -j RETURN',
    '-p ipv6-icmp -m icmp6 --icmpv6-type 135 -m hl --hl-eq 255 -j RETURN',
    '-p ipv6-icmp -m icmp6 --icmpv6-type 136 -m hl --hl-eq 255 -j RETURN',
    '-p ipv6-icmp -m icmp6 --icmpv6-type 137 -m hl --hl-eq 255 -j RETURN',
    '-s fe80::/10 -p ipv6-icmp -m icmp6 --icmpv6-type 130 -j RETURN',
    '-s fe80::/10 -p udp -m udp --sport 547 --dport 546 -j RETURN',
    ...openRules(ipv6),
  ]);
});

test('desiredState() logs drops at a limited rate, if asked to', () => {
  assert.equal(rulesOf(fenceState(), ipv4).length, 5);
  assert.equal(
    rulesOf(fenceState({ logDrops: true }), ipv4).at(-2),
    '-m limit --limit 6/min --limit-burst 10 -j LOG --log-prefix "geofence drop: "',
  );
});

test('desiredState() has nothing of a family that is left open', () => {
  const state = fenceState({ networks, escapes, ipv6: false });
  assert.deepEqual(
    [...state.sets.keys()],
    ['geofence-main-allow-4', 'geofence-established-4', 'geofence-grace-4'],
  );
  assert.deepEqual(findRules(state, 'main', ipv6), noRules('main', ipv6));
  assert.ok(snapshot(state).every((line) => !line.startsWith('IPv6')));
});

test('desiredState() asks each fence', () => {
  const policy = {
    ...policyOf({ escapes }),
    fences: [fenceOf({ name: 'ssh' }), fenceOf({ mode: 'deny', countries: ['RU'] })],
  };
  const state = desiredState(policy, (fence, family) =>
    boundsIn(family, fence.name === 'ssh' ? ['192.0.2.0/24'] : ['198.51.100.0/24']),
  );
  assert.deepEqual(setsOf(state).slice(0, 2), [
    'geofence-ssh-allow-4 192.0.2.0/24 198.51.100.7/32',
    `geofence-main-deny-4 ${formatBounds(state.sets.get('geofence-main-deny-4')!.bounds!).join(' ')}`,
  ]);
  assert.deepEqual(
    hooksOf(state, 'main', ipv4).map((text) => text.replace(/.* -m set /, '')),
    [
      '--match-set geofence-main-deny-4 src -j GEOFENCE-DROP-main',
      '! --match-set geofence-ssh-allow-4 src -j GEOFENCE-DROP-ssh',
    ],
  );
});

const countOf = (fences: number): (number | undefined)[] => {
  const policy = {
    ...policyOf({ escapes: [] }),
    extraEntries: { share: 0.1, count: 16_000 },
    fences: Array.from({ length: fences }, (_, i) =>
      fenceOf({ name: `f${i}`, countries: [i === 0 ? 'US' : 'CA'] }),
    ),
  };
  const large = boundsIn(
    ipv4,
    Array.from({ length: 20 }, (_, i) => `192.0.2.${8 * i}/30`),
  );
  const small = boundsIn(ipv4, ['198.51.100.0/24']);
  const { sets } = desiredState({ ...policy, families: [ipv4] }, ({ name }) =>
    name === 'f0' ? large : small,
  );
  if (fences > 2)
    assert.equal(sets.get('geofence-f1-allow-4')?.bounds, sets.get('geofence-f2-allow-4')?.bounds);
  return [...sets.values()]
    .map((set) => (set.owner === 'plan' ? set.extraEntries.count : undefined))
    .slice(0, 2);
};

test('desiredState() shares out the extra entries of many fences by the sizes of their sets, and makes alike sets once', () => {
  assert.deepEqual(countOf(1), [16_000, undefined]);
  assert.deepEqual(countOf(2), [16_000, 3047]);
  assert.deepEqual(countOf(21), [16_000, 1600]);
  assert.deepEqual(countOf(81), [12_800, 640]);
});

test('desiredState() writes comments that iptables takes', () => {
  const codes = [...countries.keys()];
  for (const selection of [...codes.map((code) => [code]), codes, codes.slice(0, 200)]) {
    const text = rulesOf(fenceState({ countries: selection }), ipv4).at(-1) ?? '';
    const [, comment = ''] = /--comment "(.*)" -j/.exec(text) ?? [];
    assert.match(comment, /^geofence: allow only /);
    assert.doesNotMatch(comment, /["\\\n]/);
    assert.ok(Buffer.byteLength(comment) <= 255, comment);
  }
});

test('withEscapeSets() keeps the sets that rules of earlier versions ask, filled', () => {
  const policy = policyOf({ escapes });
  const state = fenceState({ networks, escapes });
  assert.equal(
    withEscapeSets(state, policy, () => false),
    state,
  );
  assert.deepEqual(setsOf(withEscapeSets(state, policy, (name) => name === 'geofence-escape-4')), [
    ...setsOf(state),
    'geofence-escape-4 192.0.2.128/25 198.51.100.7/32',
  ]);
});
