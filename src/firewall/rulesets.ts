import type { Family } from '../ip/family.ts';
import { families } from '../ip/family.ts';
import type { AnyRule, DesiredState, Ruleset, Stage, State } from './model.ts';
import { stages } from './model.ts';

/** An empty ruleset for one stage and family. */
export const noRules = (stage: Stage, family: Family): Ruleset => ({
  stage,
  family,
  hooks: [],
  chains: new Map(),
});

/** No fence at all: what `remove` wants. */
export const noFence: DesiredState = {
  sets: new Map(),
  rulesets: stages.flatMap((stage) => families.map((family) => noRules(stage, family))),
};

/** The ruleset that a state has for one stage and family; an empty one where it has none. */
export const rulesOf = ({ rulesets }: State, stage: Stage, family: Family): Ruleset =>
  rulesets.find((rules) => rules.stage === stage && rules.family === family) ?? noRules(stage, family);

/** Whether a ruleset has any chain of ours, or rule of ours in a chain of others. */
export const hasRules = ({ hooks, chains }: Ruleset): boolean => hooks.length > 0 || chains.size > 0;

/** Whether a rule of ours, in any stage or family, stands in a chain that packets pass. */
export const isHooked = ({ rulesets }: State): boolean => rulesets.some(({ hooks }) => hooks.length > 0);

/** Whether packets of a family meet the main rules of a fence. */
export const isUp = (state: State, family: Family): boolean =>
  rulesOf(state, 'main', family).hooks.length > 0;

/** All rules of a ruleset: first those in chains of others, then those in our own. */
export const allRules = ({ hooks, chains }: Ruleset): AnyRule[] => [
  ...hooks.map(({ rule }) => rule),
  ...[...chains.values()].flat(),
];

/** Whether a rule of a ruleset asks the set of this name, or adds to it. */
export const looksAt = (rules: Ruleset, set: string): boolean =>
  allRules(rules).some(
    ({ match, action }) =>
      match?.some((one) => one.on === 'set' && one.set === set) === true ||
      (action?.do === 'add' && action.set === set),
  );

/** Returns rules that ask for other sets: in place of each the one that `nameOf` gives. */
export function withSetNames(rules: Ruleset, nameOf: (name: string) => string): Ruleset {
  const renamed = <T extends AnyRule>(rule: T): T => ({
    ...rule,
    match: rule.match?.map((one) => (one.on === 'set' ? { ...one, set: nameOf(one.set) } : one)),
  });
  return {
    ...rules,
    hooks: rules.hooks.map((hook) => ({ ...hook, rule: renamed(hook.rule) })),
    chains: new Map([...rules.chains].map(([name, list]) => [name, list.map(renamed)])),
  };
}
