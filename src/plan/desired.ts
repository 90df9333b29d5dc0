import type { Bounds } from '../ip/bounds.ts';
import type { Family } from '../ip/family.ts';
import { families, ipv4 } from '../ip/family.ts';
import { DROP_CHAIN, ENTRY_CHAIN, HOOK, escapeSet, fenceChain, fenceSet } from '../firewall/names.ts';
import type { Fence, FenceBounds, Policy } from '../policy/policy.ts';
import { describeFence } from '../policy/policy.ts';
import type { Rule, Ruleset, SetState, State } from '../firewall/model.ts';
import { noRules } from '../firewall/model.ts';

/** The header of our sets, as `ipset save` words it. */
export const headerOf = (family: Family): string => `hash:net family ${family === ipv4 ? 'inet' : 'inet6'}`;

/** The kernel objects that enforce the policy. */
export function desiredState(policy: Policy, boundsOf: FenceBounds): State {
  const sets = policy.families.flatMap((family) => [
    ...policy.fences.map((fence) =>
      setState(fenceSet(fence, family), boundsOf(fence, family), policy.extraEntries),
    ),
    setState(escapeSet(family), policy.escapes.get(family)!, 0),
  ]);
  return {
    sets: new Map(sets.map((set) => [set.name, set])),
    rulesets: [
      ...families.map((family) =>
        policy.families.includes(family) ? fencedRuleset(policy, family) : noRules('mangle', family),
      ),
      ...families.map((family) =>
        policy.families.includes(family) && policy.dropsEarly
          ? earlyRuleset(policy, family)
          : noRules('raw', family),
      ),
    ],
  };
}

const setState = (name: string, bounds: Bounds, extraEntries: number): SetState => ({
  name,
  header: headerOf(bounds.family),
  bounds,
  extraEntries,
});

const fencedRuleset = (policy: Policy, family: Family): Ruleset => ({
  table: 'mangle',
  family,
  chains: chainsOf(policy, family, entryRules(policy, family)),
  jumps: [{ chain: HOOK, position: 1, text: `-j ${ENTRY_CHAIN}` }],
});

/** A bare SYN begins a connection: nothing that is established can have it. */
const SYN = '-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN';

/**
 * Drops the first packet of a TCP connection before the kernel makes an entry for it in its table of connections and
 * throws it away again, which costs more than the lookups: see the README for how much.
 */
const earlyRuleset = (policy: Policy, family: Family): Ruleset => ({
  table: 'raw',
  family,
  chains: chainsOf(policy, family, [{ text: '-i lo -j RETURN' }, ...fenceJumps(policy)]),
  jumps: [{ chain: HOOK, position: 1, text: `${SYN} -j ${ENTRY_CHAIN}` }],
});

const chainsOf = (policy: Policy, family: Family, entry: Rule[]): Ruleset['chains'] =>
  new Map([
    [ENTRY_CHAIN, entry],
    ...policy.fences.map((fence) => [fenceChain(fence), fenceRules(fence, family)] as const),
    [DROP_CHAIN, dropRules(policy)],
  ]);

/** What is never a question of geography, then the fences. */
const entryRules = (policy: Policy, family: Family): Rule[] => [
  ...[
    '-i lo -j RETURN',
    // First after lo: on an established flow it costs a tenth of a lookup in the sets.
    '-m conntrack --ctstate RELATED,ESTABLISHED -j RETURN',
    ...neighbourRules(family),
  ].map((text) => ({ text })),
  ...fenceJumps(policy),
];

const fenceJumps = ({ fences }: Policy): Rule[] =>
  fences.map((fence) => ({
    text: `-m comment --comment "${fenceComment(fence)}" -g ${fenceChain(fence)}`,
  }));

/**
 * Without these a host loses its network, not its visitors. IPv6: router and neighbour discovery (RFC 4861; a hop
 * limit of 255 proves that no router passed it on) and the answers of DHCPv6; IPv4: those of DHCP.
 */
function neighbourRules(family: Family): string[] {
  if (family === ipv4) return ['-p udp -m udp --sport 67 --dport 68 -j RETURN'];
  return [
    ...[133, 134, 135, 136, 137].map(
      (type) => `-p ipv6-icmp -m icmp6 --icmpv6-type ${type} -m hl --hl-eq 255 -j RETURN`,
    ),
    '-p udp -m udp --sport 547 --dport 546 -j RETURN',
  ];
}

/** The country set comes first: it decides nearly every packet. Escapes are looked at only before a drop. */
const fenceRules = (fence: Fence, family: Family): Rule[] =>
  [
    `-m set ${fence.mode === 'deny' ? '! ' : ''}--match-set ${fenceSet(fence, family)} src -j RETURN`,
    `-m set --match-set ${escapeSet(family)} src -j RETURN`,
    `-g ${DROP_CHAIN}`,
  ].map((text) => ({ text }));

const dropRules = (policy: Policy): Rule[] =>
  [
    ...(policy.logDrops
      ? ['-m limit --limit 6/min --limit-burst 10 -j LOG --log-prefix "geofence drop: "']
      : []),
    '-j DROP',
  ].map((text) => ({ text }));

/** xt_comment takes 255 characters. The quotes of iptables' own syntax must not occur, and do not. */
const fenceComment = (fence: Fence): string => `geofence: ${describeFence(fence)}`.slice(0, 255);
