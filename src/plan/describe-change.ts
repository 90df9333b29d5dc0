import type { Bounds } from '../ip/bounds.ts';
import { countAddresses, subtract } from '../ip/bounds.ts';
import { countPrefixes } from '../ip/prefixes.ts';
import type { Change, Ruleset, SetState } from '../firewall/model.ts';
import { formatPlural } from '../words/format.ts';

type RulesChange = Extract<Change, { verb: 'replaceRules' }>;

/** A change as something to do: "create set geofence-escape-4". */
export function describeChange(change: Change): string {
  switch (change.verb) {
    case 'createSet':
      return `create set ${change.set.name} with ${formatPlural(countPrefixes(change.set.bounds), 'network')}`;
    case 'replaceSet': {
      const { gained, lost } = turnover(change.before.bounds, change.set.bounds);
      return `replace the content of set ${change.set.name} (${gained} in, ${lost} out)`;
    }
    case 'destroySet':
      return `destroy set ${change.name}`;
    case 'replaceRules': {
      const verb =
        change.rules.chains.size === 0 ? 'remove' : change.before.chains.size === 0 ? 'add' : 'replace';
      return `${verb} the ${nameRules(change.rules)}`;
    }
  }
}

const nameRules = ({ table, family }: Ruleset): string =>
  `${family.label} ${table === 'raw' ? 'early drop' : 'rules'}`;

interface Turnover {
  readonly gained: string;
  readonly lost: string;
}

/** What a set gains and loses: addresses of IPv4; of IPv6, where addresses say nothing, networks. */
function turnover(before: Bounds, after: Bounds): Turnover {
  const { version } = after.family;
  const describe = (bounds: Bounds): string =>
    version === 4
      ? formatPlural(countAddresses(bounds), 'address', 'addresses')
      : formatPlural(countPrefixes(bounds), 'network');
  return { gained: describe(subtract(after, before)), lost: describe(subtract(before, after)) };
}

/** A change as what is wrong without it: "set geofence-escape-4 is missing". */
export function describeDrift(change: Change): string {
  switch (change.verb) {
    case 'createSet':
      return `set ${change.set.name} is missing`;
    case 'replaceSet':
      return describeSetDrift(change.set, change.before);
    case 'destroySet':
      return `set ${change.name} is not wanted`;
    case 'replaceRules':
      return describeRulesDrift(change);
  }
}

function describeSetDrift(wanted: SetState, actual: SetState): string {
  if (actual.header !== wanted.header) return `set ${wanted.name} is of another kind, "${actual.header}"`;
  const { gained, lost } = turnover(wanted.bounds, actual.bounds);
  return `set ${wanted.name} holds other addresses (${gained} too many, ${lost} missing)`;
}

/** Without it packets cost more, and nothing else is different. */
function describeEarlyDrift(rules: Ruleset, before: Ruleset): string {
  const name = `the ${nameRules(rules)}`;
  if (rules.chains.size === 0) return `${name} is not wanted`;
  return before.chains.size === 0 ? `${name} is missing` : `${name} is another than the policy asks for`;
}

function describeRulesDrift({ rules, before }: RulesChange): string {
  const { label } = rules.family;
  const [wanted] = rules.jumps;
  if (rules.table === 'raw') return describeEarlyDrift(rules, before);
  if (wanted === undefined) return `the ${label} rules are not wanted`;
  if (before.chains.size === 0) return `the ${label} rules are missing`;
  if (before.jumps.length === 0)
    return `the ${label} jump from ${wanted.chain} is missing: nothing is fenced`;
  if (JSON.stringify(before.jumps) !== JSON.stringify(rules.jumps)) {
    return `the ${label} jump is not the first rule of ${wanted.chain}, or not the only one`;
  }
  return `the ${label} rules are others than the policy asks for`;
}
