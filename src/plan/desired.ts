import type { Bounds } from '../ip/bounds.ts';
import { subtract, union } from '../ip/bounds.ts';
import type { Family } from '../ip/family.ts';
import { families } from '../ip/family.ts';
import type { DesiredState, ExtraEntries, SetSpec } from '../firewall/model.ts';
import { noRules } from '../firewall/rulesets.ts';
import { networksOf, noExtraEntries } from '../firewall/set-shape.ts';
import type { Fence, FenceBounds, Policy } from '../policy/policy.ts';
import { earlyRules, mainRules } from './fence-rules.ts';
import { openConnectionSets } from './open-connections.ts';
import { escapeSet, fenceSet } from './set-names.ts';

/**
 * Returns the sets and rules that enforce the policy, given the addresses of each fence's countries: one set for each
 * fence and family, those of open connections, and a ruleset for each stage and family.
 */
export function desiredState(policy: Policy, boundsOf: FenceBounds): DesiredState {
  const extraEntries = shareOut(policy);
  const fenceSets = policy.families.flatMap((family) =>
    policy.fences.map((fence) => {
      const bounds = setBounds(fence, boundsOf(fence, family), policy.escapes.get(family)!);
      return plannedSet(fenceSet(fence, family), bounds, extraEntries);
    }),
  );
  const sets = [...fenceSets, ...policy.families.flatMap(openConnectionSets)];
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

const plannedSet = (name: string, bounds: Bounds, extraEntries: ExtraEntries): SetSpec => ({
  name,
  owner: 'plan',
  shape: networksOf(bounds.family),
  bounds,
  extraEntries,
});

/**
 * Adds the sets of escapes that rules of earlier versions look at, filled, for each family whose set `kept` has: a
 * saved ruleset that names a missing set is not loaded at all, and the host has no firewall then.
 */
export function withEscapeSets(
  desired: DesiredState,
  { families: fenced, escapes }: Policy,
  kept: { readonly has: (name: string) => boolean },
): DesiredState {
  const affected = fenced.filter((family) => kept.has(escapeSet(family)));
  if (affected.length === 0) return desired;
  const sets = affected.map((family) => plannedSet(escapeSet(family), escapes.get(family)!, noExtraEntries));
  return { ...desired, sets: new Map([...desired.sets, ...sets.map((set) => [set.name, set] as const)]) };
}
