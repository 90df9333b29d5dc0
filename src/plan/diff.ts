import { equalBounds } from '../ip/bounds.ts';
import type { AnyRule, Change, DesiredState, Ruleset, SetSpec, SetState, State } from '../firewall/model.ts';
import { isForeign } from '../firewall/model.ts';
import { meaningOf } from '../firewall/meaning.ts';
import { allRules, isUp, rulesOf } from '../firewall/rulesets.ts';
import { isExchangeable, isSameMake } from '../firewall/set-shape.ts';

/** Returns the changes that turn `actual` into `desired`; [] when they are equal. */
export function diff(desired: DesiredState, actual: State): Change[] {
  const changes: Change[] = [];
  for (const set of desired.sets.values()) {
    const before = actual.sets.get(set.name);
    if (before === undefined) changes.push({ what: 'set', verb: 'add', set });
    else if (!isExchangeable(set.shape, before.shape))
      changes.push({ what: 'set', verb: 'remove', name: set.name }, { what: 'set', verb: 'add', set });
    else if (!isAsWanted(set, before) || isDue(set, actual))
      changes.push({ what: 'set', verb: 'replace', set, before });
  }
  for (const rules of desired.rulesets) {
    const before = rulesOf(actual, rules.stage, rules.family);
    if (!equalRulesets(rules, before)) changes.push({ what: 'rules', verb: 'replace', rules, before });
  }
  for (const { name, editOf = name } of actual.sets.values()) {
    // An edit of entries does not wait for us: what it is filling is left to it, as long as the set is wanted.
    if (!desired.sets.has(name) && !desired.sets.has(editOf))
      changes.push({ what: 'set', verb: 'remove', name });
  }
  return changes;
}

/** A set that is left from a fence before gets what a set that is made new would get. */
const isDue = (set: SetSpec, actual: State): boolean =>
  set.owner === 'runtime' &&
  set.atFirst !== undefined &&
  set.shape.family !== undefined &&
  !isUp(actual, set.shape.family);

/** Of a set of the plan its content, of one that others fill its room: that is chosen by us, and theirs by the content. */
function isAsWanted(set: SetSpec, before: SetState): boolean {
  if (!isSameMake(set.shape, before.shape)) return false;
  if (set.owner === 'runtime') return set.shape.maxEntries === before.shape.maxEntries;
  return before.bounds !== undefined && equalBounds(set.bounds, before.bounds);
}

/** Whether both enforce the same: our chains rule for rule, and our hooks in the same places. */
function equalRulesets(a: Ruleset, b: Ruleset): boolean {
  const [wanted, found] = [fingerprint(a), fingerprint(b)];
  return wanted !== undefined && wanted === found;
}

/** What matters of a ruleset, the order of the chains apart; undefined when a rule in it is not understood. */
function fingerprint(rules: Ruleset): string | undefined {
  if (allRules(rules).some(isForeign)) return undefined;
  const { hooks, chains } = rules;
  return JSON.stringify([
    [...chains.keys()].sort().map((name) => [name, chains.get(name)!.map(valueOf)]),
    hooks.map(({ at, position, rule }) => [at, position, valueOf(rule)]),
  ]);
}

/** A rule without what it has counted. */
const valueOf = (rule: AnyRule): unknown => [
  ...meaningOf(rule),
  'comment' in rule ? rule.comment : undefined,
];
