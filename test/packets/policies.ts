import fc from 'fast-check';
import type { DesiredState, Match } from '../../src/firewall/model.ts';
import type { Family } from '../../src/ip/family.ts';
import { ipv4 } from '../../src/ip/family.ts';
import type { Bounds } from '../../src/ip/bounds.ts';
import { desiredState } from '../../src/plan/desired.ts';
import type { Fence } from '../../src/policy/policy.ts';
import { countriesOf } from '../../src/policy/policy.ts';
import type { Scope } from '../../src/policy/scope.ts';
import { MOST_FENCES, fencesOf } from '../helpers/any-fences.ts';
import { ruleOf } from '../helpers/rules.ts';
import type { FenceOptions } from '../helpers/states.ts';
import { boundsIn, fenceState, inFront, limited, onHooks, policyOf } from '../helpers/states.ts';
import { allowFence, denyFence, sources } from './gateway.ts';

/** A fence as geofence makes it, and what somebody made of it by hand. */
export interface GeneratedPolicy {
  readonly fence: FenceOptions;
  readonly byHand: readonly Alteration[];
  /** In place of the one that `fence` describes. */
  readonly fences?: readonly Fence[];
}

type Alteration = keyof typeof alterations;

type Alter = (state: DesiredState) => DesiredState;

const hooks =
  (change: (match: readonly Match[]) => readonly Match[]): Alter =>
  (state) =>
    onHooks(state, change);

const onInterface = (name: string, not?: true): Alter =>
  hooks((match) => [
    { on: 'interface', way: 'in', name, ...(not === undefined ? {} : { not }) },
    ...match.filter(({ on }) => on !== 'interface'),
  ]);

const front =
  (textsFor: (family: Family) => readonly string[]): Alter =>
  (state) =>
    inFront(state, textsFor);

/** A rule that leads to a chain of that name, and the rules of the chain. */
const chain =
  (rule: string, name: string, texts: readonly string[]): Alter =>
  (state) => {
    const led = inFront(state, () => [rule]);
    const rulesets = led.rulesets.map((rules) => ({
      ...rules,
      chains:
        rules.chains.size === 0
          ? rules.chains
          : new Map(rules.chains).set(
              name,
              texts.map((text) => ruleOf(text, rules.family)),
            ),
    }));
    return { ...led, rulesets };
  };

const icmp = (family: Family): string =>
  family === ipv4 ? '-p icmp -m icmp --icmp-type 8' : '-p ipv6-icmp -m icmp6 --icmpv6-type 128';

/** What people do to a fence: each is one kind of condition, action or chain. */
const alterations = {
  'limited to tcp/7000': (state) => limited(state, 7000),
  'limited to f0': onInterface('f0'),
  'limited to f*': onInterface('f*'),
  'limited to another interface': onInterface('f1'),
  'limited to all interfaces but f0': onInterface('f0', true),
  'for established packets, too': hooks((match) => match.filter(({ on }) => on !== 'state')),
  'new packets only': hooks((match) => [
    ...match.filter(({ on }) => on !== 'state'),
    { on: 'state', states: ['NEW'] },
  ]),
  'a port open': front(() => ['-p tcp -m tcp --dport 7001 -j RETURN']),
  'ports open': front(() => ['-p udp -m multiport --dports 53,6990:7010 -j RETURN']),
  'by source port': front(() => ['-p tcp -m tcp --sport 47000:47001 -j RETURN']),
  'SYNs alone': front(() => ['-p tcp -m tcp --tcp-flags SYN,ACK ACK -j RETURN']),
  'ping open': front((family) => [`${icmp(family)} -j RETURN`]),
  'no UDP': front(() => ['! -p udp -j RETURN']),
  'a network open': front(({ version }) => [
    version === 4 ? '-s 198.51.100.0/26 -j RETURN' : '-s 2001:db8:d::/64 -j RETURN',
  ]),
  'all networks but one open': front(({ version }) => [
    version === 4 ? '! -s 203.0.113.0/24 -j RETURN' : '! -s 2001:db8:f::/48 -j RETURN',
  ]),
  'untracked open': front(() => ['-m conntrack --ctstate UNTRACKED -j RETURN']),
  'a hop limit open': front(({ version }) => [
    version === 4 ? '-m ttl --ttl-eq 64 -j RETURN' : '-m hl --hl-eq 254 -j RETURN',
  ]),
  'local destinations open': front(() => ['-m addrtype --dst-type LOCAL -j RETURN']),
  'other destinations open': front(() => ['-m addrtype --dst-type ANYCAST,MULTICAST -j RETURN']),
  'a chain that returns': chain('-p tcp -j GEOFENCE-x', 'GEOFENCE-x', ['-j RETURN']),
  'a chain gone to': chain('-p tcp -g GEOFENCE-x', 'GEOFENCE-x', ['-p tcp -m tcp --dport 7000 -j DROP']),
  'a chain that drops': chain('-j GEOFENCE-x', 'GEOFENCE-x', [
    '-p udp -m udp --dport 7000 -j DROP',
    '-p tcp -j RETURN',
    '-j DROP',
  ]),
  'an accept in front': front(() => ['-p tcp -m tcp --dport 7000 -j ACCEPT']),
  'a mark in front': front(() => ['-j MARK --set-xmark 0x1/0xffffffff']),
} as const satisfies Record<string, Alter>;

const fence: fc.Arbitrary<FenceOptions> = fc
  .record({
    base: fc.constantFrom(allowFence, denyFence),
    hasEscapes: fc.boolean(),
    local: fc.boolean(),
    ipv6: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
    dropsEarly: fc.boolean(),
    logDrops: fc.boolean(),
    isEmpty: fc.oneof(
      { weight: 6, arbitrary: fc.constant(false) },
      { weight: 1, arbitrary: fc.constant(true) },
    ),
  })
  .map(({ base, hasEscapes, isEmpty, ...options }) => ({
    ...base,
    ...options,
    ...(hasEscapes ? {} : { escapes: [] }),
    ...(isEmpty ? { networks: [] } : {}),
  }));

const names = Object.keys(alterations) as Alteration[];

/** Policies, some as they are, and some altered by hand. */
export const anyPolicy: fc.Arbitrary<GeneratedPolicy> = fc.record({
  fence,
  byHand: fc.oneof(
    fc.constant<Alteration[]>([]),
    fc.uniqueArray(fc.constantFrom(...names), { minLength: 1, maxLength: 3 }),
  ),
});

/** Each alteration by itself, without the early drop and with it: that drops first much of what a rule could open. */
export const eachAlteration: readonly GeneratedPolicy[] = names.flatMap((name) =>
  [false, true].map((dropsEarly) => ({
    fence: { ...allowFence, local: false, dropsEarly },
    byHand: [name],
  })),
);

/** Alterations that are the same to every packet of the tests; each of the others is to let others pass. */
export const withoutEffect: readonly Alteration[] = [
  'limited to f0',
  'limited to f*',
  'other destinations open',
  'a chain that returns',
  'a mark in front',
];

/** Both rules look at the state, where only the one in `raw` could drop. */
export const statesInBothTables: GeneratedPolicy = {
  fence: { ...allowFence, local: false, dropsEarly: true },
  byHand: ['a hop limit open', 'new packets only'],
};

const codes = { CA: 'allowed', RU: 'denied', DE: 'unlisted' } as const;

const boundsOf = (one: Fence, family: Family): Bounds =>
  boundsIn(
    family,
    countriesOf(one).flatMap((code) => [...sources[codes[code as keyof typeof codes]]]),
  );

/** Where a packet of the tests may be told from another. */
const anyScope: fc.Arbitrary<Scope> = fc.record({
  interfaces: fc.constantFrom<Scope['interfaces'][]>(
    [],
    [],
    [{ name: 'f0' }],
    [{ name: 'f*' }, { name: 'f1', not: true }],
    [{ name: 'f0', not: true }],
    [{ name: 'x0' }],
  ),
  ports: fc.constantFrom<Scope['ports'][]>(
    [],
    [{ protocol: 'tcp', ranges: [{ from: 7000, to: 7000 }] }],
    [
      {
        protocol: 'tcp',
        ranges: [
          { from: 1, to: 6999 },
          { from: 7001, to: 7002 },
        ],
      },
      { protocol: 'udp', ranges: [{ from: 7000, to: 7000 }] },
    ],
    [{ protocol: 'udp', ranges: [{ from: 1, to: 65_535 }] }],
  ),
});

/** Policies of several fences. */
export const anyFences: fc.Arbitrary<GeneratedPolicy> = fc
  .record({
    fence,
    fences: fencesOf(anyScope),
    countries: fc.array(
      fc.oneof(fc.constant('everyone' as const), fc.subarray(Object.keys(codes), { minLength: 1 })),
      { minLength: MOST_FENCES, maxLength: MOST_FENCES },
    ),
  })
  .map(({ fence: options, fences, countries }) => ({
    fence: options,
    byHand: [],
    fences: fences.map((one, i) => {
      const list = countries[i] ?? 'everyone';
      return { ...one, countries: one.mode === 'deny' && list === 'everyone' ? ['RU'] : list };
    }),
  }));

/** The state of one. */
export const stateOf = ({ fence: options, byHand, fences }: GeneratedPolicy): DesiredState =>
  fences === undefined
    ? byHand.reduce<DesiredState>((state, name) => alterations[name](state), fenceState(options))
    : desiredState({ ...policyOf(options), fences }, boundsOf);
