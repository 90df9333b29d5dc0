import { allRules, isUp } from '../rulesets.ts';
import type { Match, State } from '../model.ts';
import { isOurSet, isPlanSet } from '../names.ts';

/**
 * Whether a reading is of a moment that passes: a rule looks at a set of ours that was not read, which the kernel does
 * not allow, so a tool did not tell all; or a family has sets of the plan and no rules that packets meet, as in the
 * middle of a restart of the firewall, which flushes the tables and loads them again.
 */
export const isTorn = (state: State): boolean => lacksSets(state) || lacksRules(state);

const lacksSets = ({ sets, rulesets }: State): boolean =>
  rulesets
    .flatMap(allRules)
    .flatMap(({ match = [] }) => match)
    .some((match: Match) => match.on === 'set' && isOurSet(match.set) && !sets.has(match.set));

const lacksRules = (state: State): boolean =>
  [...state.sets.values()].some(({ name, shape, isUnfinished }) => {
    const { family } = shape;
    return (
      family !== undefined && isUnfinished !== true && isPlanSet({ name, shape }) && !isUp(state, family)
    );
  });
