import type { Family } from '../ip/family.ts';
import { families } from '../ip/family.ts';
import type { AnyRule, DesiredState, Ruleset, Stage, State } from './model.ts';
import { stages } from './model.ts';

/** Nothing of ours in one stage of one family. */
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

/** What a state has in one stage of one family. */
export const rulesOf = ({ rulesets }: State, stage: Stage, family: Family): Ruleset =>
  rulesets.find((rules) => rules.stage === stage && rules.family === family) ?? noRules(stage, family);

/** Whether there is anything of ours in a ruleset. */
export const hasRules = ({ hooks, chains }: Ruleset): boolean => hooks.length > 0 || chains.size > 0;

/** Whether anything of ours sees packets that come in. */
export const isHooked = ({ rulesets }: State): boolean => rulesets.some(({ hooks }) => hooks.length > 0);

/** All rules of a ruleset: those among others' first. */
export const allRules = ({ hooks, chains }: Ruleset): AnyRule[] => [
  ...hooks.map(({ rule }) => rule),
  ...[...chains.values()].flat(),
];
