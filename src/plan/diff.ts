import { equalBounds } from '../ip/bounds.ts';
import type { Change, Ruleset, SetState, State } from '../firewall/model.ts';
import { rulesOf } from '../firewall/model.ts';

/** What turns `actual` into `desired`; [] when they are equal. */
export function diff(desired: State, actual: State): Change[] {
  const changes: Change[] = [];
  for (const set of desired.sets.values()) {
    const before = actual.sets.get(set.name);
    if (before === undefined) changes.push({ verb: 'createSet', set });
    else if (!isSwappable(set, before))
      changes.push({ verb: 'destroySet', name: set.name }, { verb: 'createSet', set });
    else if (!equalSets(set, before)) changes.push({ verb: 'replaceSet', set, before });
  }
  for (const rules of desired.rulesets) {
    const before = rulesOf(actual, rules.table, rules.family);
    if (!equalRulesets(rules, before)) changes.push({ verb: 'replaceRules', rules, before });
  }
  for (const name of actual.sets.keys()) {
    if (!desired.sets.has(name)) changes.push({ verb: 'destroySet', name });
  }
  return changes;
}

const equalSets = (a: SetState, b: SetState): boolean =>
  a.header === b.header && equalBounds(a.bounds, b.bounds);

/** Type and family: the kernel swaps sets only where both agree. */
const kindOf = (set: SetState): string => set.header.split(' ').slice(0, 3).join(' ');
const isSwappable = (a: SetState, b: SetState): boolean => kindOf(a) === kindOf(b);

/** Whether both enforce the same: our chains rule for rule, and our jumps in the same places. */
const equalRulesets = (a: Ruleset, b: Ruleset): boolean => fingerprint(a) === fingerprint(b);

/** What matters of a ruleset, the order of the chains apart. */
const fingerprint = ({ chains, jumps }: Ruleset): string =>
  JSON.stringify([
    [...chains.keys()].sort().map((name) => [name, chains.get(name)!.map(({ text }) => text)]),
    jumps.map(({ chain, position, text }) => [chain, position, text]),
  ]);
