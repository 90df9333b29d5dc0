import type { Bounds } from '../ip/bounds.ts';
import type { Family } from '../ip/family.ts';
import { families, ipv4 } from '../ip/family.ts';
import type { DesiredState, Match, Rule, Ruleset, SetSpec } from '../firewall/model.ts';
import { INPUT_HOOK } from '../firewall/model.ts';
import { ENTRY_CHAIN } from '../firewall/names.ts';
import { noRules } from '../firewall/rulesets.ts';
import { networksOf } from '../firewall/set-shape.ts';
import type { Fence, FenceBounds, Policy } from '../policy/policy.ts';
import { describeFence } from '../policy/policy.ts';
import { DROP_CHAIN, escapeSet, fenceChain, fenceSet } from './names.ts';

/** The kernel objects that enforce the policy. */
export function desiredState(policy: Policy, boundsOf: FenceBounds): DesiredState {
  const sets = policy.families.flatMap((family) => [
    ...policy.fences.map((fence) =>
      setOf(fenceSet(fence, family), boundsOf(fence, family), policy.extraEntries),
    ),
    setOf(escapeSet(family), policy.escapes.get(family)!, 0),
  ]);
  return {
    sets: new Map(sets.map((set) => [set.name, set])),
    rulesets: [
      ...families.map((family) =>
        policy.families.includes(family) ? mainRules(policy, family) : noRules('main', family),
      ),
      ...families.map((family) =>
        policy.families.includes(family) && policy.dropsEarly
          ? earlyRules(policy, family)
          : noRules('early', family),
      ),
    ],
  };
}

const setOf = (name: string, bounds: Bounds, extraEntries: number): SetSpec => ({
  name,
  owner: 'plan',
  shape: networksOf(bounds.family),
  bounds,
  extraEntries,
});

const mainRules = (policy: Policy, family: Family): Ruleset => ({
  stage: 'main',
  family,
  hooks: [{ at: INPUT_HOOK, position: 1, rule: { match: [], action: { do: 'jump', chain: ENTRY_CHAIN } } }],
  chains: chainsOf(policy, family, entryRules(policy, family)),
});

/** A bare SYN begins a connection: nothing that is established can have it. */
const SYN: Match = { on: 'tcp-flags', mask: ['FIN', 'SYN', 'RST', 'ACK'], set: ['SYN'] };
const LOOPBACK: Match = { on: 'interface', way: 'in', name: 'lo' };

const pass = (...match: readonly Match[]): Rule => ({ match, action: { do: 'return' } });

/**
 * Drops the first packet of a TCP connection before the kernel makes an entry for it in its table of connections and
 * throws it away again, which costs more than the lookups: see the README for how much.
 */
const earlyRules = (policy: Policy, family: Family): Ruleset => ({
  stage: 'early',
  family,
  hooks: [
    { at: INPUT_HOOK, position: 1, rule: { match: [SYN], action: { do: 'jump', chain: ENTRY_CHAIN } } },
  ],
  chains: chainsOf(policy, family, [pass(LOOPBACK), ...fenceGotos(policy)]),
});

const chainsOf = (policy: Policy, family: Family, entry: readonly Rule[]): Ruleset['chains'] =>
  new Map([
    [ENTRY_CHAIN, entry],
    ...policy.fences.map((fence) => [fenceChain(fence), fenceRules(fence, family)] as const),
    [DROP_CHAIN, dropRules(policy)],
  ]);

/** What is never a question of geography, then the fences. */
const entryRules = (policy: Policy, family: Family): Rule[] => [
  pass(LOOPBACK),
  // First after lo: on an established flow it costs a tenth of a lookup in the sets.
  pass({ on: 'state', states: ['RELATED', 'ESTABLISHED'] }),
  ...neighbourRules(family),
  ...fenceGotos(policy),
];

const fenceGotos = ({ fences }: Policy): Rule[] =>
  fences.map((fence) => ({
    match: [],
    action: { do: 'goto', chain: fenceChain(fence) },
    comment: fenceComment(fence),
  }));

/**
 * Without these a host loses its network, not its visitors. IPv6: router and neighbour discovery (RFC 4861; a hop
 * limit of 255 proves that no router passed it on) and the answers of DHCPv6; IPv4: those of DHCP.
 */
const neighbourRules = (family: Family): Rule[] =>
  family === ipv4
    ? [pass(answerOf(67, 68))]
    : [
        ...[133, 134, 135, 136, 137].map((type) =>
          pass({ on: 'icmp', type }, { on: 'hop-limit', hops: 255 }),
        ),
        pass(answerOf(547, 546)),
      ];

const answerOf = (server: number, client: number): Match => ({
  on: 'ports',
  protocol: 'udp',
  source: [{ from: server, to: server }],
  destination: [{ from: client, to: client }],
});

/** The country set comes first: it decides nearly every packet. Escapes are looked at only before a drop. */
const fenceRules = (fence: Fence, family: Family): Rule[] => [
  pass({ on: 'set', set: fenceSet(fence, family), side: 'source', isInside: fence.mode === 'allow' }),
  pass({ on: 'set', set: escapeSet(family), side: 'source', isInside: true }),
  { match: [], action: { do: 'goto', chain: DROP_CHAIN } },
];

const dropRules = ({ logDrops }: Policy): Rule[] => [
  ...(logDrops
    ? [
        {
          match: [{ on: 'rate', rate: { count: 6, per: 'minute', burst: 10 } }],
          action: { do: 'log', prefix: 'geofence drop: ' },
        } as const,
      ]
    : []),
  { match: [], action: { do: 'drop' } },
];

/** xt_comment takes 255 characters. The quotes of iptables' own syntax must not occur, and do not. */
const fenceComment = (fence: Fence): string => `geofence: ${describeFence(fence)}`.slice(0, 255);
