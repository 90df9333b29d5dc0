import { union } from '../../ip/bounds.ts';
import type { AnyRule, Change, Ruleset, SetSpec } from '../model.ts';
import { isForeign } from '../model.ts';
import { isDenySet } from '../names.ts';
import { allRules, hasRules } from '../rulesets.ts';
import { secondSet } from './temporary-sets.ts';

type Replaced = Extract<Change, { what: 'set'; verb: 'replace' }>;
type RulesChange = Extract<Change, { what: 'rules' }>;

/** How the sets in use get their content, so that at every instant old or new decides about a packet, never a mixture. */
export interface Exchanges {
  /**
   * Sets of deny fences that first hold what they held and what they will hold, as their second sets, while those of
   * allow fences change: no order of two exchanges is right for a packet that one fence stops and the other lets in.
   */
  readonly widened: readonly SetSpec[];
  /**
   * Sets whose rules come to mean something else in the same change. The new rules look at second sets first, which hold
   * what these will: old rules never meet new content, nor new rules old content.
   */
  readonly moved: readonly SetSpec[];
}

/** Works out which of the sets that are replaced need more than one exchange. */
export function exchangesOf(changes: readonly Change[]): Exchanges {
  const replaced = changes.filter(
    (change): change is Replaced =>
      change.what === 'set' && change.verb === 'replace' && change.set.owner === 'plan',
  );
  const rules = changes
    .filter((change): change is RulesChange => change.what === 'rules')
    .filter(isOtherInMeaning);
  const isMoved = ({ set: { name } }: Replaced): boolean =>
    rules.some(({ before }) => allRules(before).some((rule) => looksAt(rule, name)));
  const others = replaced.filter((change) => !isMoved(change));
  const needsWidening = ({ set }: Replaced): boolean =>
    isDenySet(set.name) &&
    others.some(({ set: { name, shape } }) => shape.family === set.shape.family && !isDenySet(name));
  return {
    widened: others.filter(needsWidening).map(widenedSet),
    moved: replaced.filter(isMoved).map(({ set }) => set),
  };
}

function widenedSet({ set, before: { bounds } }: Replaced): SetSpec {
  if (set.owner !== 'plan' || bounds === undefined) return set;
  return { ...set, bounds: union(set.bounds, bounds) };
}

/** Whether rules of a fence that stays decide otherwise than before: comments and logs decide nothing. */
const isOtherInMeaning = ({ rules, before }: RulesChange): boolean =>
  rules.stage === 'main' && hasRules(rules) && hasRules(before) && meaningOf(rules) !== meaningOf(before);

const meaningOf = ({ hooks, chains }: Ruleset): string =>
  JSON.stringify([
    hooks.map(({ at, rule }) => [at, ...meaningsOf([rule])]),
    [...chains].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, list]) => [name, meaningsOf(list)]),
  ]);

const meaningsOf = (rules: readonly AnyRule[]): unknown[] =>
  rules
    .filter(({ action }) => action?.do !== 'log')
    .map((rule) => (isForeign(rule) ? rule.text : [rule.match, rule.action]));

const looksAt = ({ match = [] }: AnyRule, set: string): boolean =>
  match.some((one) => one.on === 'set' && one.set === set);

/** Returns rules that look at the second sets in place of `sets`. */
export function onSecondSets(rules: Ruleset, sets: readonly SetSpec[]): Ruleset {
  const names = new Set(sets.map(({ name }) => name));
  const other = <T extends AnyRule>(rule: T): T => ({
    ...rule,
    match: rule.match?.map((one) =>
      one.on === 'set' && names.has(one.set) ? { ...one, set: secondSet(one.set) } : one,
    ),
  });
  return {
    ...rules,
    hooks: rules.hooks.map((hook) => ({ ...hook, rule: other(hook.rule) })),
    chains: new Map([...rules.chains].map(([name, list]) => [name, list.map(other)])),
  };
}
