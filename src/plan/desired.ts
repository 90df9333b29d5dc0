import type { Bounds } from '../ip/bounds.ts';
import { subtract, union } from '../ip/bounds.ts';
import type { Family } from '../ip/family.ts';
import { families, ipv4 } from '../ip/family.ts';
import type { DesiredState, ExtraEntries, Hook, Match, Rule, Ruleset, SetSpec } from '../firewall/model.ts';
import { INPUT_HOOK } from '../firewall/model.ts';
import { ENTRY_CHAIN } from '../firewall/names.ts';
import { noRules } from '../firewall/rulesets.ts';
import { networksOf, noExtraEntries } from '../firewall/set-shape.ts';
import type { Fence, FenceBounds, Policy } from '../policy/policy.ts';
import { describeFence } from '../policy/policy.ts';
import { escapeSet, fenceSet } from './names.ts';

/** The kernel objects that enforce the policy: for each fence and family one set, which says who passes. */
export function desiredState(policy: Policy, boundsOf: FenceBounds): DesiredState {
  const extraEntries = shareOut(policy);
  const sets = policy.families.flatMap((family) =>
    policy.fences.map((fence) => {
      const bounds = setBounds(fence, boundsOf(fence, family), policy.escapes.get(family)!);
      return setOf(fenceSet(fence, family), bounds, extraEntries);
    }),
  );
  const isFenced = (family: Family): boolean => policy.families.includes(family);
  return {
    sets: new Map(sets.map((set) => [set.name, set])),
    rulesets: [
      ...families.map((family) => (isFenced(family) ? mainRules(policy, family) : noRules('main', family))),
      ...families.map((family) =>
        isFenced(family) && policy.dropsEarly ? earlyRules(policy, family) : noRules('early', family),
      ),
    ],
  };
}

/** Escapes are part of what an allow fence lets in, and no part of what a deny fence keeps out. */
const setBounds = ({ mode }: Fence, countries: Bounds, escapes: Bounds): Bounds =>
  mode === 'allow' ? union(countries, escapes) : subtract(countries, escapes);

/** The number is for all sets of a family together: they share the caches. */
const shareOut = ({ extraEntries, fences }: Policy): ExtraEntries => ({
  ...extraEntries,
  count: Math.floor(extraEntries.count / Math.max(1, fences.length)),
});

const setOf = (name: string, bounds: Bounds, extraEntries: ExtraEntries): SetSpec => ({
  name,
  owner: 'plan',
  shape: networksOf(bounds.family),
  bounds,
  extraEntries,
});

/**
 * Adds the sets that rules of earlier versions ask for escapes, filled, where `isKept`: a saved ruleset that names a set
 * which is missing is not loaded at all, and the host has no firewall then.
 */
export function withEscapeSets(
  desired: DesiredState,
  { families: fenced, escapes }: Policy,
  isKept: (name: string) => boolean,
): DesiredState {
  const kept = fenced.filter((family) => isKept(escapeSet(family)));
  if (kept.length === 0) return desired;
  const sets = kept.map((family) => setOf(escapeSet(family), escapes.get(family)!, noExtraEntries));
  return { ...desired, sets: new Map([...desired.sets, ...sets.map((set) => [set.name, set] as const)]) };
}

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

const mainRules = (policy: Policy, family: Family): Ruleset => ({
  stage: 'main',
  family,
  hooks: hooksOf(policy, family, [NOT_LOOPBACK, NOT_ESTABLISHED], { do: 'jump', chain: ENTRY_CHAIN }),
  chains: new Map([[ENTRY_CHAIN, [...neighbourRules(family), ...dropRules(policy)]]]),
});

/**
 * Drops the first packet of a TCP connection before the kernel makes an entry for it in its table of connections and
 * throws it away again, which costs more than the lookup: see test/bench for how much.
 */
const earlyRules = (policy: Policy, family: Family): Ruleset => ({
  stage: 'early',
  family,
  hooks: hooksOf(policy, family, [NOT_LOOPBACK, SYN], { do: 'drop' }),
  chains: new Map(),
});

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
          match: [{ on: 'rate', rate: { count: 6, per: 'minute', burst: 10 } }],
          action: { do: 'log', prefix: 'geofence drop: ' },
        } as const,
      ]
    : []),
  { match: [], action: { do: 'drop' }, comment: comment(policy) },
];

/** xt_comment takes 255 characters. The quotes of iptables' own syntax must not occur, and do not. */
const comment = ({ fences }: Policy): string =>
  `geofence: ${fences.map(describeFence).join('; ')}`.slice(0, 255);
