import type { DesiredState, SetState, State } from '../firewall/model.ts';
import { isHooked, looksAt } from '../firewall/rulesets.ts';
import { isPlanSet } from '../firewall/names.ts';
import { families } from '../ip/family.ts';
import type { Policy } from '../policy/policy.ts';
import { asWanted } from './as-wanted.ts';
import { withEscapeSets } from './desired.ts';
import { escapeSet } from './set-names.ts';

/**
 * Adds to a fence the sets of another, with their content, that `actual` has and `isKept` names: a ruleset that somebody
 * saved under it names them, and could not be loaded at all without them. With no fence there are none.
 */
export function withKeptSets(
  desired: DesiredState,
  actual: State,
  isKept: (name: string) => boolean,
): DesiredState {
  if (!isHooked(desired)) return desired;
  const kept = [...asWanted(actual).sets].filter(
    ([name, set]) => set.owner === 'plan' && !desired.sets.has(name) && isKept(name),
  );
  return { ...desired, sets: new Map([...desired.sets, ...kept]) };
}

/**
 * Adds to the fence of a policy the sets that `actual` has for saved rules: those that rules of earlier versions look
 * at, with today's escapes, and of those of another fence the ones that `isKept` names.
 */
export const withFormerSets = (
  desired: DesiredState,
  policy: Policy,
  actual: State,
  isKept: (name: string) => boolean = () => true,
): DesiredState =>
  withKeptSets(
    withEscapeSets(desired, policy, (name) => actual.sets.has(name)),
    actual,
    isKept,
  );

/** The names of the sets of a fence that none of its rules look at; those for rules of earlier versions are not meant. */
export const keptSets = ({ sets, rulesets }: State): string[] =>
  [...sets.values()]
    .filter((set: SetState) => isPlanSet(set) && !families.some((family) => set.name === escapeSet(family)))
    .map(({ name }) => name)
    .filter((name) => !rulesets.some((rules) => looksAt(rules, name)));
