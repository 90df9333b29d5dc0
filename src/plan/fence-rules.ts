import type { Family } from '../ip/family.ts';
import { ipv4 } from '../ip/family.ts';
import type { AnyRule, Match, Rule, Ruleset, Stage } from '../firewall/model.ts';
import { INPUT_HOOK } from '../firewall/model.ts';
import { ENTRY_CHAIN } from '../firewall/names.ts';
import { describeFence } from '../policy/describe.ts';
import { specificity } from '../policy/scope.ts';
import { LOG_RATE } from '../policy/log-rate.ts';
import type { Fence, Policy } from '../policy/policy.ts';
import type { Dispatch } from './dispatch.ts';
import { dispatch } from './dispatch.ts';
import { ESTABLISHED_SECONDS } from './open-connections.ts';
import { establishedSet, fenceSet, graceSet } from './set-names.ts';

type Chain = readonly [name: string, rules: readonly Rule[]];

const NOT_LOOPBACK: Match = { on: 'interface', way: 'in', name: 'lo', not: true };
const NOT_ESTABLISHED: Match = { on: 'state', states: ['RELATED', 'ESTABLISHED'], not: true };
/** A bare SYN begins a connection: nothing that is established can have it. */
const SYN: Match = { on: 'tcp-flags', mask: ['FIN', 'SYN', 'RST', 'ACK'], set: ['SYN'] };

/** The condition that holds for a source whom a fence shuts out; undefined where it shuts out nobody. */
const shutOut = (fence: Fence, family: Family): Match | undefined =>
  fence.countries === 'everyone'
    ? undefined
    : { on: 'set', set: fenceSet(fence, family), side: 'source', isInside: fence.mode === 'deny' };

/** The rules of a family in `mangle`: what the fences shut out is logged, where the policy wants it, and dropped. */
export function mainRules({ fences, dropsEarly }: Policy, family: Family): Ruleset {
  const previews = fences.filter(({ isPreview }) => isPreview);
  // Where one fence is for everything, nothing has to be led anywhere, and its chain is the only one.
  const isPlain = fences.length === 1 && fences.every(({ scope }) => specificity(scope) === 0);
  const dropChainOf = (fence: Fence): string => (isPlain ? ENTRY_CHAIN : dropChainName(fence));
  const test = (fence: Fence): Rule | undefined => {
    const match = shutOut(fence, family);
    if (match === undefined) return undefined;
    const action = fence.isPreview ? countIn(fence) : ({ do: 'goto', chain: dropChainOf(fence) } as const);
    return { match: [match], action };
  };
  const dropChains = fences
    .filter((fence) => !fence.isPreview && shutOut(fence, family) !== undefined)
    .map((fence) => [dropChainOf(fence), dropChain(fence, family)] as const);
  return ruleset('main', family, [NOT_LOOPBACK, NOT_ESTABLISHED], {
    dispatch: dispatch(fences, ['tcp', 'udp'], test),
    // The first packets of TCP connections were counted before connection tracking.
    chains: [
      ...previews.map((fence) => countingChain(fence, dropsEarly ? [[SYN], []] : [[]])),
      ...dropChains,
    ],
  });
}

/**
 * The rules of a family in `raw`. They drop the first packet of a TCP connection before the kernel makes an entry for
 * it in its table of connections and throws it away again, which costs more than the lookup: see test/bench for how
 * much.
 */
export function earlyRules({ fences }: Policy, family: Family): Ruleset {
  const previews = fences.filter(({ isPreview }) => isPreview);
  const test = (fence: Fence): Rule | undefined => {
    const match = shutOut(fence, family);
    return match && { match: [match], action: fence.isPreview ? countIn(fence) : { do: 'drop' } };
  };
  return ruleset('early', family, [NOT_LOOPBACK, SYN], {
    dispatch: dispatch(fences, ['tcp'], test),
    chains: previews.map((fence) => countingChain(fence, [[]])),
  });
}

/** A chain that only counts, in its last rule, what the conditions before that do not hold for. */
const countingChain = (fence: Fence, matches: readonly (readonly Match[])[]): Chain => [
  countIn(fence).chain,
  matches.map((match) => ({ match, action: { do: 'return' } })),
];

const countIn = (fence: Fence): { readonly do: 'jump'; readonly chain: string } => ({
  do: 'jump',
  chain: seenChainName(fence),
});

/** The chain whose last rule counts what a preview would drop. */
export const seenChainName = ({ name }: Fence): string => `${ENTRY_CHAIN}-SEEN-${name}`;

/** The chain that drops, in `mangle`, whom one of several fences shuts out. */
export const dropChainName = ({ name }: Fence): string => `${ENTRY_CHAIN}-DROP-${name}`;

/**
 * The hooks are the rules of the dispatch themselves where those are few and lead nowhere; the lookup comes last in
 * them: packets of a flow, and those that are no SYN, never come to it.
 */
function ruleset(
  stage: Stage,
  family: Family,
  first: readonly Match[],
  { dispatch: { first: rules, chains: led }, chains }: { dispatch: Dispatch; chains: readonly Chain[] },
): Ruleset {
  const isDirect = led.size === 0;
  const entry: Rule = { match: [], action: { do: 'jump', chain: ENTRY_CHAIN } };
  const hooked = isDirect ? rules : [entry];
  return {
    stage,
    family,
    hooks: hooked.map(({ match, action }, i) => ({
      at: INPUT_HOOK,
      position: i + 1,
      rule: { match: [...first, ...match], action: comingBack(action) },
    })),
    chains: new Map<string, readonly AnyRule[]>([
      ...(isDirect ? [] : [[ENTRY_CHAIN, rules] as const, ...led]),
      ...chains,
    ]),
  };
}

/** Others may have rules behind our hooks: what passes in a chain of ours comes to them. */
const comingBack = (action: Rule['action']): Rule['action'] =>
  action.do === 'goto' ? { do: 'jump', chain: action.chain } : action;

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

/** Drops, and before that logs where the fence is to. xt_comment takes 255 characters, and no quotes of iptables' own. */
const dropChain = (fence: Fence, family: Family): Rule[] => [
  ...neighbourRules(family),
  ...openConnectionRules(family),
  ...(fence.logs
    ? [
        {
          match: [{ on: 'rate', rate: LOG_RATE }],
          action: { do: 'log', prefix: logPrefix(fence) },
        } as const,
      ]
    : []),
  { match: [], action: { do: 'drop' }, comment: `geofence: ${describeFence(fence)}`.slice(0, 255) },
];

/** xt_LOG takes 29 characters. */
const logPrefix = ({ name }: Fence): string =>
  name === 'main' ? 'geofence drop: ' : `geofence ${name} drop: `;
