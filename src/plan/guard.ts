import { GeofenceError, exitCodes } from '../errors.ts';
import { countAddresses, isEmpty } from '../ip/bounds.ts';
import { familyOf, parseAddress } from '../ip/cidr.ts';
import { fenceSet } from './names.ts';
import type { Policy } from './policy.ts';
import { describeFence } from './policy.ts';
import type { State } from './state.ts';
import { verdict } from './verdict.ts';

export const guardNames = ['empty-set', 'too-wide', 'ssh-peer'] as const;
export type GuardName = (typeof guardNames)[number];

/** Why a plan must not be carried out. */
export interface Refusal {
  readonly guard: GuardName;
  readonly reason: string;
}

/** What a guard needs to know of the world. */
export interface Surroundings {
  /** The address at the other end of the SSH session geofence runs in, if it does. */
  readonly sshPeer?: string | undefined;
}

/** The share of a family's address space above which a deny list is a mistake: no set of countries holds that much. */
const WIDEST_DENY = 0.6;

/** Everything that speaks against the desired state; [] when nothing does. */
export function guard(desired: State, policy: Policy, surroundings: Surroundings): Refusal[] {
  return [...emptySets(desired, policy), ...wideSets(desired, policy), ...cutOffPeer(desired, surroundings)];
}

/**
 * An allow fence that holds no address drops everything. One empty family is meant when the countries have no network
 * in it (no zone exists for North Korea's IPv6); loading the zones has made sure of that.
 */
function emptySets(desired: State, policy: Policy): Refusal[] {
  const isEmptySet = (name: string): boolean => isEmpty(desired.sets.get(name)!.bounds);
  return policy.fences
    .filter((fence) => fence.mode === 'allow')
    .filter((fence) => policy.families.every((family) => isEmptySet(fenceSet(fence, family))))
    .map((fence) => ({
      guard: 'empty-set',
      reason: `"${describeFence(fence)}" holds no address at all: everybody but the escapes would be shut out`,
    }));
}

function wideSets(desired: State, policy: Policy): Refusal[] {
  const refusals: Refusal[] = [];
  for (const fence of policy.fences.filter(({ mode }) => mode === 'deny')) {
    for (const family of policy.families) {
      const share = countAddresses(desired.sets.get(fenceSet(fence, family))!.bounds) / 2 ** family.bits;
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

function cutOffPeer(desired: State, { sshPeer }: Surroundings): Refusal[] {
  if (sshPeer === undefined) return [];
  const family = familyOf(sshPeer);
  const address = parseAddress(family, sshPeer);
  if (address === undefined || verdict(desired, family, address).passes) return [];
  return [
    {
      guard: 'ssh-peer',
      reason: `your own SSH session comes from ${sshPeer}, which would be dropped from now on`,
    },
  ];
}

/** Throws unless every refusal is forced by its name. */
export function refuseUnlessForced(refusals: readonly Refusal[], forced: ReadonlySet<string>): void {
  const [first, ...more] = refusals.filter((refusal) => !forced.has(refusal.guard));
  if (first === undefined) return;
  const reasons = [first, ...more].map(({ guard: name, reason }) => `${reason} (guard ${name})`);
  throw new GeofenceError(`Refusing to apply: ${reasons.join('; ')}`, {
    exitCode: exitCodes.refused,
    hint:
      first.guard === 'ssh-peer'
        ? 'add your address with --allow-subnet, or insist with --force ssh-peer'
        : `check the policy, or insist with --force ${first.guard}`,
  });
}
