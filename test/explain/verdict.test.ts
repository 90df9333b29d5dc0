import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Packet } from '../../src/explain/packet.ts';
import { newConnection } from '../../src/explain/packet.ts';
import type { Verdict } from '../../src/explain/verdict.ts';
import { verdict } from '../../src/explain/verdict.ts';
import type { ConnState, Ruleset, State } from '../../src/firewall/model.ts';
import { noFence } from '../../src/firewall/rulesets.ts';
import { parseAddress } from '../../src/ip/cidr.ts';
import { ipv4, ipv6 } from '../../src/ip/family.ts';
import { hookOf, ruleOf } from '../helpers/rules.ts';
import { fenceState, judge, limited, onHooks } from '../helpers/states.ts';

const options = {
  networks: ['192.0.2.0/24', '2001:db8::/32'],
  escapes: ['198.51.100.7', '192.0.2.7', '2001:db9::/48'],
};
const allow = fenceState(options);
const deny = fenceState({ ...options, mode: 'deny' });
const drop = ruleOf('-m comment --comment "geofence: allow only CA (Canada)" -j DROP');
const dropDenied = ruleOf('-m comment --comment "geofence: deny CA (Canada)" -j DROP');

const asked = (mode: 'allow' | 'deny', isInside: boolean): Verdict['lookups'] => [
  { set: `geofence-main-${mode}-4`, isInside },
];

const cases: { name: string; state: State; address: string; want: Verdict }[] = [
  {
    name: 'an allowed address after one lookup',
    state: allow,
    address: '192.0.2.1',
    want: { passes: true, lookups: asked('allow', true) },
  },
  {
    name: 'an escape after one lookup',
    state: allow,
    address: '198.51.100.7',
    want: { passes: true, lookups: asked('allow', true) },
  },
  {
    name: 'a stranger',
    state: allow,
    address: '203.0.113.1',
    want: { passes: false, chain: 'GEOFENCE', rule: drop, lookups: asked('allow', false) },
  },
  {
    name: 'a denied address',
    state: deny,
    address: '192.0.2.1',
    want: { passes: false, chain: 'GEOFENCE', rule: dropDenied, lookups: asked('deny', true) },
  },
  {
    name: 'an escape among the denied',
    state: deny,
    address: '192.0.2.7',
    want: { passes: true, lookups: asked('deny', false) },
  },
  {
    name: 'an address that is not denied',
    state: deny,
    address: '203.0.113.1',
    want: { passes: true, lookups: asked('deny', false) },
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

test('verdict() names the early drop where that decides, and asks each set once', () => {
  const early = fenceState({ ...options, dropsEarly: true });
  const { passes, chain, lookups } = judge(early, '203.0.113.1');
  assert.deepEqual(
    { passes, chain, lookups },
    { passes: false, chain: 'prerouting', lookups: asked('allow', false) },
  );
  assert.deepEqual(judge(early, '192.0.2.1'), { passes: true, lookups: asked('allow', true) });
});

test('verdict() looks at the sets of the address family', () => {
  assert.equal(judge(allow, '2001:db8::1').passes, true);
  assert.equal(judge(allow, '2001:db9::1').passes, true);
  assert.deepEqual(judge(allow, '2001:dba::1').lookups, [{ set: 'geofence-main-allow-6', isInside: false }]);
});

test('verdict() passes over a rule that logs', () => {
  assert.equal(judge(fenceState({ ...options, logDrops: true }), '203.0.113.1').passes, false);
});

const stranger = (packet: Partial<Packet>): Packet => ({
  ...newConnection(packet.family ?? ipv4),
  source: parseAddress(packet.family ?? ipv4, packet.family === ipv6 ? '2001:dba::1' : '203.0.113.1')!,
  ...packet,
});

for (const { name, state = allow, packet, passes } of [
  { name: 'of an established connection', packet: { state: 'ESTABLISHED' }, passes: true },
  { name: 'that belongs to one', packet: { state: 'RELATED', protocol: 'icmp' }, passes: true },
  { name: 'that conntrack cannot place', packet: { state: 'INVALID' }, passes: false },
  { name: 'of another protocol', packet: { protocol: 'gre' }, passes: false },
  {
    name: 'of a DHCP server',
    packet: { protocol: 'udp', sourcePort: 67, port: 68 },
    passes: true,
  },
  {
    name: 'of a DHCP server to another port',
    packet: { protocol: 'udp', sourcePort: 67, port: 69 },
    passes: false,
  },
  {
    name: 'that is a neighbour solicitation',
    packet: { family: ipv6, protocol: 'icmp', icmpType: 135, hops: 255 },
    passes: true,
  },
  {
    name: 'that is one from beyond a router',
    packet: { family: ipv6, protocol: 'icmp', icmpType: 135, hops: 254 },
    passes: false,
  },
  { name: 'to the port that is fenced', state: limited(allow, 22), packet: { port: 22 }, passes: false },
  {
    name: 'to another port than the one fenced',
    state: limited(allow, 22),
    packet: { port: 80 },
    passes: true,
  },
  { name: 'to who knows what port', state: limited(allow, 22), packet: {}, passes: true },
] satisfies { name: string; state?: State; packet: Partial<Packet>; passes: boolean }[]) {
  test(`verdict() ${passes ? 'lets pass' : 'drops'} a packet of a stranger ${name}`, () => {
    assert.equal(verdict(state, stranger(packet)).passes, passes);
  });
}

test('verdict() drops early a bare SYN and nothing else', () => {
  const early = fenceState({ ...options, dropsEarly: true });
  const alone = { ...early, rulesets: early.rulesets.filter(({ stage }) => stage === 'early') };
  for (const [packet, passes] of [
    [{ flags: ['SYN'] }, false],
    [{ flags: ['SYN', 'ACK'] }, true],
    [{ flags: ['ACK'] }, true],
    [{ protocol: 'udp' }, true],
  ] as const)
    assert.equal(verdict(alone, stranger(packet)).passes, passes, JSON.stringify(packet));
});

/** The allow fence with its IPv4 rules changed by hand. */
const changed = (change: (ruleset: Ruleset) => Partial<Ruleset>): State => ({
  ...allow,
  rulesets: allow.rulesets.map((ruleset, i) => (i === 0 ? { ...ruleset, ...change(ruleset) } : ruleset)),
});
const withChain = (...texts: string[]): State =>
  changed(({ chains }) => ({
    chains: new Map(chains).set(
      'GEOFENCE',
      texts.map((text) => ruleOf(text)),
    ),
  }));

for (const { name, state, passes } of [
  { name: 'without a hook', state: changed(() => ({ hooks: [] })), passes: true },
  {
    name: 'with a hook that the packet does not come to first',
    state: changed(() => ({ hooks: [hookOf('-j GEOFENCE', 1, 'OUTPUT')] })),
    passes: true,
  },
  {
    name: 'with a hook for one interface',
    state: changed(() => ({ hooks: [hookOf('-i eth0 -j GEOFENCE')] })),
    passes: true,
  },
  { name: 'with a flushed chain', state: withChain(), passes: true },
  { name: 'without a set', state: { ...allow, sets: new Map() }, passes: false },
  { name: 'with an ACCEPT in the way', state: withChain('-j ACCEPT', '-j DROP'), passes: true },
  { name: 'with a REJECT in the way', state: withChain('-j REJECT'), passes: false },
  {
    name: 'with a RETURN for another source in the way',
    state: withChain('-s 192.0.2.1/32 -j RETURN', '-j DROP'),
    passes: false,
  },
  {
    name: 'with a RETURN for its own source in the way',
    state: withChain('-s 203.0.113.0/24 -j RETURN', '-j DROP'),
    passes: true,
  },
  {
    name: 'with a RETURN that nobody understands in the way',
    state: withChain('-m time --timestart 08:00 -j RETURN', '-j DROP'),
    passes: true,
  },
  {
    name: 'with a DROP that nobody understands',
    state: withChain('-m time --timestart 08:00 -j DROP'),
    passes: true,
  },
  {
    name: 'with a mark in the way',
    state: withChain('-j MARK --set-xmark 0x1/0xffffffff', '-j DROP'),
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

/** The early rules alone, looking at the state too. */
const earlyInState = (states: readonly ConnState[]): State => {
  const early = fenceState({ ...options, dropsEarly: true });
  const alone = { ...early, rulesets: early.rulesets.filter(({ stage }) => stage === 'early') };
  return onHooks(alone, (match) => [...match, { on: 'state', states }]);
};

test('verdict() knows that no packet has a state yet in raw, where connection tracking has not seen it', () => {
  assert.equal(judge(earlyInState(['NEW']), '203.0.113.1').passes, true);
  assert.equal(judge(earlyInState(['INVALID']), '203.0.113.1').passes, false);
});
