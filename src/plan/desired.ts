import type { Bounds } from '../ip/bounds.ts';
import { subtract, union } from '../ip/bounds.ts';
import type { Family } from '../ip/family.ts';
import { families } from '../ip/family.ts';
import type { DesiredState, ExtraEntries, SetSpec } from '../firewall/model.ts';
import { noRules } from '../firewall/rulesets.ts';
import { networksOf, noExtraEntries } from '../firewall/set-shape.ts';
import type { Fence, FenceBounds, Mode, Policy } from '../policy/policy.ts';
import { earlyRules, mainRules } from './fence-rules.ts';
import { openConnectionSets } from './open-connections.ts';
import { escapeSet, fenceSet } from './set-names.ts';

/**
 * Returns the sets and rules that enforce the policy, given the addresses of each fence's countries: one set for each
 * fence and family, those of open connections, and a ruleset for each stage and family.
 */
export function desiredState(policy: Policy, boundsOf: FenceBounds): DesiredState {
  const contentOf = createContents();
  const fenceSets = policy.families.flatMap((family) => {
    const contents = policy.fences
      .filter(({ countries }) => countries !== 'everyone')
      .map((fence) => ({
        name: fenceSet(fence, family),
        bounds: contentOf(fence, boundsOf(fence, family), sparedBy(fence, policy, family)),
      }));
    const extraEntries = shareOut(
      policy,
      contents.map(({ bounds }) => bounds),
    );
    return contents.map(({ name, bounds }) => plannedSet(name, bounds, extraEntries(bounds)));
  });
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

/** What always gets in, and what this fence never shuts out. */
function sparedBy({ spared }: Fence, { escapes }: Policy, family: Family): Bounds {
  const [always, own] = [escapes.get(family)!, spared.get(family)];
  return own === undefined ? always : union(always, own);
}

/**
 * Returns a function that tells what the set of a fence holds: escapes are part of what an allow fence lets in, and no
 * part of what a deny fence keeps out. Fences alike have the same Bounds, so that more is worked out once for them.
 */
function createContents(): (fence: Fence, countries: Bounds, spared: Bounds) => Bounds {
  const known: { mode: Mode; countries: Bounds; spared: Bounds; bounds: Bounds }[] = [];
  return ({ mode }, countries, spared) => {
    const same = known.find(
      (one) => one.mode === mode && one.countries === countries && one.spared === spared,
    );
    if (same !== undefined) return same.bounds;
    const bounds = mode === 'allow' ? union(countries, spared) : subtract(countries, spared);
    known.push({ mode, countries, spared, bounds });
    return bounds;
  };
}

const sizeOf = ({ words }: Bounds): number => words.length;

/** All sets of a family share the caches, but a packet asks few of them. */
const MOST_SHARES = 4;

/** The number is for one set; several have four times as many together, each by its size, and none more than one has. */
function shareOut({ extraEntries }: Policy, contents: readonly Bounds[]): (bounds: Bounds) => ExtraEntries {
  const total = contents.reduce((sum, bounds) => sum + sizeOf(bounds), 0);
  return (bounds) => {
    const part = contents.length === 1 ? 1 : Math.min(1, (MOST_SHARES * sizeOf(bounds)) / Math.max(1, total));
    return { ...extraEntries, count: Math.floor(extraEntries.count * part) };
  };
}

const plannedSet = (name: string, bounds: Bounds, extraEntries: ExtraEntries): SetSpec => ({
  name,
  owner: 'plan',
  shape: networksOf(bounds.family),
  bounds,
  extraEntries,
});

/**
 * Adds the sets of escapes that rules of earlier versions look at, filled, for each family whose set `isKept` names: a
 * saved ruleset that names a missing set is not loaded at all, and the host has no firewall then.
 */
export function withEscapeSets(
  desired: DesiredState,
  { families: fenced, escapes }: Policy,
  isKept: (name: string) => boolean,
): DesiredState {
  const affected = fenced.filter((family) => isKept(escapeSet(family)));
  if (affected.length === 0) return desired;
  const sets = affected.map((family) => plannedSet(escapeSet(family), escapes.get(family)!, noExtraEntries));
  return { ...desired, sets: new Map([...desired.sets, ...sets.map((set) => [set.name, set] as const)]) };
}
