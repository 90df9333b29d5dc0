import type { Bounds } from '../ip/bounds.ts';
import { countAddresses, isEmpty, subtract, unionAll } from '../ip/bounds.ts';
import { ipv4 } from '../ip/family.ts';
import { formatBounds } from '../ip/prefixes.ts';
import type { Address } from '../host/parse-connections.ts';
import type { HostFacts, SshPeer } from '../host/host-facts.ts';
import type { Refusal } from '../refusal.ts';
import type { FenceBounds, Policy } from '../policy/policy.ts';
import { describeFence } from '../policy/describe.ts';
import type { State } from '../firewall/model.ts';
import { newConnection, packetLike } from '../explain/packet.ts';
import { whoGetsIn } from '../policy/who-gets-in.ts';
import { createPassing } from '../explain/passing.ts';
import { verdict } from '../explain/verdict.ts';

/** What guards judge. */
export interface GuardedPlan {
  readonly policy: Policy;
  readonly desired: State;
  readonly before: State;
  /** What the countries of each fence hold, escapes apart. */
  readonly boundsOf: FenceBounds;
  /** ALLOWSUBNET. */
  readonly escapes: readonly Bounds[];
  /** Whether somebody wrote down that IPv6 is to be left open: who types it may not think of what that means. */
  readonly isIPv6OpenOnPurpose: boolean;
}

/**
 * Returns every refusal that speaks against carrying out the plan on a host with these facts, forced guards included;
 * [] when none does.
 */
export const guard = (plan: GuardedPlan, facts: HostFacts): Refusal[] => [
  ...emptyFences(plan),
  ...wideFences(plan),
  ...cutOffPeers(plan.desired, plan.before, facts),
  ...lostEscapes(plan),
  ...openFamily(plan, facts),
];

/**
 * An allow fence that holds no address drops everything. One empty family is meant when the countries have no network
 * in it (no zone exists for North Korea's IPv6); loading the zones has made sure of that.
 */
function emptyFences({ policy, boundsOf }: GuardedPlan): Refusal[] {
  return policy.fences
    .filter(({ mode, countries, isPreview }) => mode === 'allow' && countries !== 'everyone' && !isPreview)
    .filter((fence) => policy.families.every((family) => isEmpty(boundsOf(fence, family))))
    .map((fence) => ({
      guard: 'empty-set',
      reason: `"${describeFence(fence)}" holds no address at all: everybody but the escapes would be shut out`,
    }));
}

/** The share of a family's address space above which a deny list is a mistake: no set of countries holds that much. */
const WIDEST_DENY = 0.6;

function wideFences({ policy, boundsOf }: GuardedPlan): Refusal[] {
  const refusals: Refusal[] = [];
  for (const fence of policy.fences.filter(({ mode }) => mode === 'deny')) {
    for (const family of policy.families) {
      const share = countAddresses(boundsOf(fence, family)) / 2 ** family.bits;
      if (share <= WIDEST_DENY) continue;
      const [percent, limit] = [share, WIDEST_DENY].map((part) => `${Math.round(part * 100)} %`);
      refusals.push({
        guard: 'too-wide',
        reason: `"${describeFence(fence)}" holds ${percent} of all ${family.label} addresses (limit: ${limit})`,
      });
    }
  }
  return refusals;
}

const comesIn = (state: State, { family, words }: Address, port: number): boolean =>
  verdict(state, { ...newConnection(family, port), source: words }).passes;

/**
 * Returns a refusal for each address of an SSH peer that `desired` keeps from connecting again to a port of sshd, though
 * `before` lets it in: your own first. A peer that `before` drops already is not cut off by the change.
 */
export function cutOffPeers(
  desired: State,
  before: State,
  { sshPeers, sshPorts }: Pick<HostFacts, 'sshPeers' | 'sshPorts'>,
): Refusal[] {
  const cutOff = sshPeers.filter((peer) =>
    sshPorts.some((port) => comesIn(before, peer, port) && !comesIn(desired, peer, port)),
  );
  const mine = new Set(cutOff.filter(({ isMine }) => isMine).map(textOf));
  return [...new Set([...mine, ...cutOff.map(textOf)])].map((address) => ({
    guard: 'ssh-peer',
    about: address,
    reason: mine.has(address)
      ? `your own SSH session is from ${address}, which could not come in again`
      : `an SSH session is open from ${address}, which could not come in again`,
  }));
}

const textOf = ({ family, words }: SshPeer): string => family.format(words, 0);

/** The sets are made with ALLOWSUBNET; this makes sure of it. */
function lostEscapes({ desired, policy, escapes }: GuardedPlan): Refusal[] {
  const getsIn = createPassing(desired);
  return escapes.flatMap((bounds) => {
    if (!policy.families.includes(bounds.family)) return [];
    const ways = whoGetsIn(policy.fences).map(({ example }) => packetLike(bounds.family, example));
    const lost = unionAll(
      bounds.family,
      [newConnection(bounds.family), ...ways].map((traffic) => subtract(bounds, getsIn(traffic))),
    );
    if (isEmpty(lost)) return [];
    return [
      {
        guard: 'escape',
        reason: `ALLOWSUBNET ${formatBounds(lost).join(', ')} would not get through`,
      } as const,
    ];
  });
}

function openFamily({ policy, isIPv6OpenOnPurpose }: GuardedPlan, { globalIPv6 }: HostFacts): Refusal[] {
  const isOpen = policy.families.every((family) => family === ipv4);
  if (!isOpen || isIPv6OpenOnPurpose || globalIPv6 === undefined) return [];
  return [{ guard: 'ipv6-open', reason: `IPv6 would be left open, and this host is ${globalIPv6} there` }];
}
