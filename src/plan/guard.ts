import { GeofenceError, exitCodes } from '../errors.ts';
import type { Bounds } from '../ip/bounds.ts';
import { countAddresses, isEmpty, subtract } from '../ip/bounds.ts';
import { ipv4 } from '../ip/family.ts';
import { formatBounds } from '../ip/prefixes.ts';
import type { Address } from '../host/connections.ts';
import type { GuardName, Refusal } from './guard-names.ts';
import type { FenceBounds, Policy } from '../policy/policy.ts';
import { describeFence } from '../policy/policy.ts';
import type { State } from '../firewall/model.ts';
import { newConnection } from '../explain/packet.ts';
import { passing } from '../explain/passing.ts';
import { verdict } from '../explain/verdict.ts';

/** What a guard needs to know of the world. */
export interface HostFacts {
  /** The other ends of SSH sessions: of the one geofence runs in, and of all that are open. */
  readonly sshPeers: readonly Address[];
  /** The ports of sshd: its sessions must be able to come in again through each of them. */
  readonly sshPorts: readonly number[];
  /** ALLOWSUBNET. */
  readonly escapes: readonly Bounds[];
  /** An IPv6 address that this host can be reached at from elsewhere. */
  readonly globalIPv6: string | undefined;
  /** Whether somebody wrote down that IPv6 is to be left open, or forced it before. */
  readonly isIPv6OpenOnPurpose: boolean;
}

/** What guards judge. */
export interface GuardedPlan {
  readonly policy: Policy;
  readonly desired: State;
  readonly before: State;
  /** What the countries of each fence hold, escapes apart. */
  readonly boundsOf: FenceBounds;
}

/** Everything that speaks against the desired state; [] when nothing does. */
export const guard = (plan: GuardedPlan, facts: HostFacts): Refusal[] => [
  ...emptyFences(plan),
  ...wideFences(plan),
  ...cutOffPeers(plan.desired, plan.before, facts),
  ...lostEscapes(plan, facts),
  ...openFamily(plan.policy, facts),
];

/**
 * An allow fence that holds no address drops everything. One empty family is meant when the countries have no network
 * in it (no zone exists for North Korea's IPv6); loading the zones has made sure of that.
 */
function emptyFences({ policy, boundsOf }: GuardedPlan): Refusal[] {
  return policy.fences
    .filter((fence) => fence.mode === 'allow')
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

/** Sessions that could not come back. Whom the fence of before drops already is not cut off by this change. */
export function cutOffPeers(
  desired: State,
  before: State,
  { sshPeers, sshPorts }: Pick<HostFacts, 'sshPeers' | 'sshPorts'>,
): Refusal[] {
  const cutOff = sshPeers.filter((peer) =>
    sshPorts.some((port) => comesIn(before, peer, port) && !comesIn(desired, peer, port)),
  );
  const texts = [...new Set(cutOff.map(({ family, words }) => family.format(words, 0)))];
  if (texts.length === 0) return [];
  const sessions = texts.length === 1 ? 'an SSH session is' : `${texts.length} SSH sessions are`;
  return [
    { guard: 'ssh-peer', reason: `${sessions} open from ${texts.join(', ')}, which could not come in again` },
  ];
}

/** The sets are made with ALLOWSUBNET; this makes sure of it. */
function lostEscapes({ desired, policy }: GuardedPlan, { escapes }: HostFacts): Refusal[] {
  return escapes.flatMap((bounds) => {
    if (!policy.families.includes(bounds.family)) return [];
    const lost = subtract(bounds, passing(desired, newConnection(bounds.family)));
    if (isEmpty(lost)) return [];
    return [
      {
        guard: 'escape',
        reason: `ALLOWSUBNET ${formatBounds(lost).join(', ')} would not get through`,
      } as const,
    ];
  });
}

function openFamily(policy: Policy, { globalIPv6, isIPv6OpenOnPurpose }: HostFacts): Refusal[] {
  const isOpen = policy.families.every((family) => family === ipv4);
  if (!isOpen || isIPv6OpenOnPurpose || globalIPv6 === undefined) return [];
  return [{ guard: 'ipv6-open', reason: `IPv6 would be left open, and this host is ${globalIPv6} there` }];
}

const hints: Partial<Record<GuardName, string>> = {
  'ssh-peer':
    'add the address with --allow-subnet, or, if it is nobody you know, insist with --force ssh-peer',
  'ipv6-open': 'leave --ipv4-only away, or insist once with --force ipv6-open',
};

/** How to go on although a guard refuses. */
export const hintFor = ({ guard: name }: Refusal): string =>
  hints[name] ?? `look at what changed; if it is meant, insist with --force ${name}`;

/** Guards refuse, and are not forced. */
export class RefusedError extends GeofenceError {
  readonly refusals: readonly Refusal[];

  constructor(refusals: readonly [Refusal, ...Refusal[]]) {
    const reasons = refusals.map(({ guard: name, reason }) => `${reason} (guard ${name})`);
    super(`Refusing to apply: ${reasons.join('; ')}`, {
      exitCode: exitCodes.refused,
      hint: hintFor(refusals[0]),
    });
    this.refusals = refusals;
  }
}

/** Throws unless every refusal is forced by its name. */
export function refuseUnlessForced(refusals: readonly Refusal[], forced: ReadonlySet<string>): void {
  const [first, ...more] = refusals.filter((refusal) => !forced.has(refusal.guard));
  if (first !== undefined) throw new RefusedError([first, ...more]);
}
