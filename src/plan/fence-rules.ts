import type { Family } from '../ip/family.ts';
import { ipv4 } from '../ip/family.ts';
import type { Hook, Match, Rule, Ruleset } from '../firewall/model.ts';
import { INPUT_HOOK } from '../firewall/model.ts';
import { ENTRY_CHAIN } from '../firewall/names.ts';
import { describeFence } from '../policy/describe.ts';
import { LOG_RATE } from '../policy/log-rate.ts';
import type { Policy } from '../policy/policy.ts';
import { ESTABLISHED_SECONDS } from './open-connections.ts';
import { establishedSet, fenceSet, graceSet } from './set-names.ts';

const NOT_LOOPBACK: Match = { on: 'interface', way: 'in', name: 'lo', not: true };
const NOT_ESTABLISHED: Match = { on: 'state', states: ['RELATED', 'ESTABLISHED'], not: true };
/** A bare SYN begins a connection: nothing that is established can have it. */
const SYN: Match = { on: 'tcp-flags', mask: ['FIN', 'SYN', 'RST', 'ACK'], set: ['SYN'] };

/** The lookup comes last: packets of a flow, and those that are no SYN, never come to it. */
const hooksOf = (
  { fences }: Policy,
  family: Family,
  match: readonly Match[],
  action: Rule['action'],
): Hook[] =>
  fences.map((fence, i) => {
    const shutOut: Match = {
      on: 'set',
      set: fenceSet(fence, family),
      side: 'source',
      isInside: fence.mode === 'deny',
    };
    return { at: INPUT_HOOK, position: i + 1, rule: { match: [...match, shutOut], action } };
  });

/** The rules of a family in `mangle`: what the fences shut out is logged, where the policy wants it, and dropped. */
export const mainRules = (policy: Policy, family: Family): Ruleset => ({
  stage: 'main',
  family,
  hooks: hooksOf(policy, family, [NOT_LOOPBACK, NOT_ESTABLISHED], { do: 'jump', chain: ENTRY_CHAIN }),
  chains: new Map([
    [ENTRY_CHAIN, [...neighbourRules(family), ...openConnectionRules(family), ...dropRules(policy)]],
  ]),
});

/**
 * The rules of a family in `raw`. They drop the first packet of a TCP connection before the kernel makes an entry for
 * it in its table of connections and throws it away again, which costs more than the lookup: see test/bench for how
 * much.
 */
export const earlyRules = (policy: Policy, family: Family): Ruleset => ({
  stage: 'early',
  family,
  hooks: hooksOf(policy, family, [NOT_LOOPBACK, SYN], { do: 'drop' }),
  chains: new Map(),
});

/**
 * Without these a host loses its network, not its visitors. IPv6: router and neighbour discovery (RFC 4861; a hop limit
 * of 255 proves that no router passed it on), queries for the groups it listens to (RFC 3810; where nobody answers them
 * switches stop forwarding neighbour discovery), and the answers of DHCPv6; IPv4: queries for groups (RFC 3376), and the
 * answers of DHCP. Only what comes from the link, or goes to this host: machines behind have no need of it.
 */
const neighbourRules = (family: Family): Rule[] =>
  family === ipv4
    ? [
        pass({ on: 'protocol', protocol: 'igmp' }, TO_GROUP),
        pass(answerOf(67, 68), { on: 'address-type', side: 'destination', types: ['LOCAL', 'BROADCAST'] }),
      ]
    : [
        ...[133, 134, 135, 136, 137].map((type) =>
          pass({ on: 'icmp', type }, { on: 'hop-limit', hops: 255 }),
        ),
        pass(FROM_LINK, { on: 'icmp', type: MLD_QUERY }),
        pass(FROM_LINK, answerOf(547, 546)),
      ];

/** No router passes on what comes from an address of the link (RFC 4291, section 2.5.6). */
const FROM_LINK: Match = { on: 'address', side: 'source', network: 'fe80::/10' };
const TO_GROUP: Match = { on: 'address', side: 'destination', network: '224.0.0.0/4' };
const MLD_QUERY = 130;

/** Any TCP packet but the first of a connection. */
const NOT_SYN: Match = { ...SYN, not: true };

/**
 * Connection tracking takes a connection that is older than itself for a new or an impossible one, and with
 * nf_conntrack_tcp_loose = 0 for ever. What was open when the fence came up is in a set; for a while, packets put in what
 * belongs to machines behind, whose connections nobody can list. Both sets come to hold nothing: entries end by
 * themselves. (`-m socket` would need none, but it takes a service that listens on one address for a connection, and
 * lets everybody's ACK and FIN packets at it.)
 */
const openConnectionRules = (family: Family): Rule[] => [
  {
    match: [NOT_SYN, { on: 'set', set: graceSet(family), side: 'source', isInside: true }],
    action: {
      do: 'add',
      set: establishedSet(family),
      what: 'connection',
      seconds: ESTABLISHED_SECONDS,
    },
  },
  pass(NOT_SYN, { on: 'set', set: establishedSet(family), side: 'connection', isInside: true }),
];

const pass = (...match: readonly Match[]): Rule => ({ match, action: { do: 'return' } });

const answerOf = (server: number, client: number): Match => ({
  on: 'ports',
  protocol: 'udp',
  source: [{ from: server, to: server }],
  destination: [{ from: client, to: client }],
});

const dropRules = (policy: Policy): Rule[] => [
  ...(policy.logDrops
    ? [
        {
          match: [{ on: 'rate', rate: LOG_RATE }],
          action: { do: 'log', prefix: 'geofence drop: ' },
        } as const,
      ]
    : []),
  { match: [], action: { do: 'drop' }, comment: comment(policy) },
];

/** xt_comment takes 255 characters. The quotes of iptables' own syntax must not occur, and do not. */
const comment = ({ fences }: Policy): string =>
  `geofence: ${fences.map(describeFence).join('; ')}`.slice(0, 255);
