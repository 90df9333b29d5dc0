import type { Bounds } from '../ip/bounds.ts';
import { countAddresses, subtract } from '../ip/bounds.ts';
import type { Change } from '../plan/state.ts';
import { formatCount, formatPlural } from './format.ts';

type RulesChange = Extract<Change, { verb: 'replaceRules' }>;

/** A change as something to do: "create set geofence-escape-4". */
export function describeChange(change: Change): string {
  switch (change.verb) {
    case 'createSet':
      return `create set ${change.set.name} (${formatPlural(countAddresses(change.set.bounds), 'address', 'addresses')})`;
    case 'replaceSet':
      return `replace the content of set ${change.set.name} (${describeTurnover(change.before.bounds, change.set.bounds)})`;
    case 'destroySet':
      return `destroy set ${change.name}`;
    case 'replaceRules': {
      const verb =
        change.rules.chains.size === 0 ? 'remove' : change.before.chains.size === 0 ? 'add' : 'replace';
      return `${verb} the ${change.rules.family.label} rules`;
    }
  }
}

const describeTurnover = (before: Bounds, after: Bounds): string =>
  `${formatCount(countAddresses(subtract(after, before)))} addresses more, ` +
  `${formatCount(countAddresses(subtract(before, after)))} fewer`;

/** A change as what is wrong without it: "set geofence-escape-4 is missing". */
export function describeDrift(change: Change): string {
  switch (change.verb) {
    case 'createSet':
      return `set ${change.set.name} is missing`;
    case 'replaceSet':
      return change.before.header === change.set.header
        ? `set ${change.set.name} holds other addresses (to mend it: ${describeTurnover(change.before.bounds, change.set.bounds)})`
        : `set ${change.set.name} is of another kind, "${change.before.header}"`;
    case 'destroySet':
      return `set ${change.name} is not wanted`;
    case 'replaceRules':
      return describeRulesDrift(change);
  }
}

function describeRulesDrift({ rules, before }: RulesChange): string {
  const { label } = rules.family;
  const [wanted] = rules.jumps;
  if (wanted === undefined) return `the ${label} rules are not wanted`;
  if (before.chains.size === 0) return `the ${label} rules are missing`;
  if (before.jumps.length === 0)
    return `the ${label} jump from ${wanted.chain} is missing: nothing is fenced`;
  if (JSON.stringify(before.jumps) !== JSON.stringify(rules.jumps)) {
    return `the ${label} jump is not the first rule of ${wanted.chain}, or not the only one`;
  }
  return `the ${label} rules are not ours any more`;
}
