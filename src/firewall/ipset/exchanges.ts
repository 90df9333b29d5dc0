import { union } from '../../ip/bounds.ts';
import type { AnyRule, Change, Ruleset, SetSpec } from '../model.ts';
import { isForeign } from '../model.ts';
import { isDenySet } from '../names.ts';
import { meaningOf } from '../meaning.ts';
import { hasRules, looksAt, withSetNames } from '../rulesets.ts';
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
  const ofRules = changes
    .filter((change): change is RulesChange => change.what === 'rules')
    .filter(({ rules, before }) => rules.stage === 'main' && hasRules(rules) && hasRules(before));
  const isMoved = ({ set: { name } }: Replaced): boolean =>
    ofRules.some(({ rules, before }) => looksAt(before, name) && decisionsOf(rules) !== decisionsOf(before));
  const others = replaced.filter((change) => !isMoved(change));
  // After a run that was killed amid a move, rules look at the second set still: it is in use, and the first is not.
  const isInUse = ({ name, shape }: SetSpec): boolean =>
    ofRules.every(({ before }) => before.family !== shape.family || looksAt(before, name));
  const needsWidening = ({ set }: Replaced): boolean =>
    isDenySet(set.name) &&
    isInUse(set) &&
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

/** What the rules decide: comments and logs decide nothing. */
const decisionsOf = ({ hooks, chains }: Ruleset): string =>
  JSON.stringify([
    hooks.map(({ at, rule }) => [at, ...decisions([rule])]),
    [...chains].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, list]) => [name, decisions(list)]),
  ]);

const decisions = (rules: readonly AnyRule[]): unknown[] =>
  rules
    .filter(({ action }) => action?.do !== 'log')
    .map((rule) => (isForeign(rule) ? rule.text : meaningOf(rule)));

/** Returns rules that look at the second sets in place of `sets`. */
export function onSecondSets(rules: Ruleset, sets: readonly SetSpec[]): Ruleset {
  const names = new Set(sets.map(({ name }) => name));
  return withSetNames(rules, (name) => (names.has(name) ? secondSet(name) : name));
}
