import type { Bounds } from '../ip/bounds.ts';
import { countAddresses, emptyBounds, subtract } from '../ip/bounds.ts';
import type { Family } from '../ip/family.ts';
import { ipv4 } from '../ip/family.ts';
import { countPrefixes } from '../ip/prefixes.ts';
import type { Change, FirstEntries, Ruleset, SetShape, SetSpec, SetState } from '../firewall/model.ts';
import { INPUT_HOOK } from '../firewall/model.ts';
import { hasRules } from '../firewall/rulesets.ts';
import { isSameMake } from '../firewall/set-shape.ts';
import { formatPlural } from '../words/format.ts';

type RulesChange = Extract<Change, { what: 'rules' }>;

/** Words a change as something to do: "create set geofence-escape-4 with 2 networks". */
export function describeChange(change: Change): string {
  if (change.what === 'rules') {
    const { rules, before } = change;
    const verb = !hasRules(rules) ? 'remove' : hasRules(before) ? 'replace' : 'add';
    return `${verb} the ${nameRules(rules)}`;
  }
  switch (change.verb) {
    case 'add':
      return `create set ${change.set.name}${describeContent(change.set)}`;
    case 'replace':
      return describeReplacement(change.set, change.before);
    case 'remove':
      return `destroy set ${change.name}`;
  }
}

function describeContent(set: SetSpec): string {
  if (set.owner === 'plan') return ` with ${formatPlural(countPrefixes(set.bounds), 'network')}`;
  return set.atFirst === undefined ? ` for ${describeShape(set.shape)}` : describeFirst(set.atFirst);
}

const describeFirst = (first: FirstEntries): string =>
  'connections' in first
    ? ` with ${formatPlural(first.connections.length, 'open connection')}`
    : ` for the first ${formatPlural(first.seconds, 'second')}`;

function describeReplacement(set: SetSpec, before: SetState): string {
  if (set.owner === 'runtime' && set.atFirst !== undefined)
    return `fill set ${set.name} anew${describeFirst(set.atFirst)}`;
  if (set.owner === 'runtime')
    return `make set ${set.name} anew for ${describeShape(set.shape)}, with its entries`;
  const { gained, lost } = turnover(before.bounds ?? emptyBounds(set.bounds.family), set.bounds);
  return `replace the content of set ${set.name} (${gained} in, ${lost} out)`;
}

/** "100,000 IPv4 addresses that may end by themselves" */
function describeShape({ kind, family, netmask, hasTimeouts, maxEntries, extras }: SetShape): string {
  const what = kind === 'other' ? `entries of another kind, "${extras}"` : `${nameFamily(family)}${kind}`;
  return [
    maxEntries === undefined ? what : `${maxEntries} ${what}`,
    ...(netmask === undefined ? [] : [`cut to /${netmask}`]),
    ...(hasTimeouts ? ['that may end by themselves'] : []),
    ...(kind === 'other' || extras === '' ? [] : [`with ${extras}`]),
  ].join(' ');
}

const nameFamily = (family: Family | undefined): string =>
  family === undefined ? '' : family === ipv4 ? 'IPv4 ' : 'IPv6 ';

const nameRules = ({ stage, family }: Ruleset): string =>
  `${family.label} ${stage === 'early' ? 'early drop' : 'rules'}`;

interface SetTurnover {
  readonly gained: string;
  readonly lost: string;
}

/** What a set gains and loses: addresses of IPv4; of IPv6, where addresses say nothing, networks. */
function turnover(before: Bounds, after: Bounds): SetTurnover {
  const { version } = after.family;
  const describe = (bounds: Bounds): string =>
    version === 4
      ? formatPlural(countAddresses(bounds), 'address', 'addresses')
      : formatPlural(countPrefixes(bounds), 'network');
  return { gained: describe(subtract(after, before)), lost: describe(subtract(before, after)) };
}

/** Words a change as what is wrong until it is made: "set geofence-escape-4 is missing". */
export function describeDrift(change: Change): string {
  if (change.what === 'rules') return describeRulesDrift(change);
  switch (change.verb) {
    case 'add':
      return `set ${change.set.name} is missing`;
    case 'replace':
      return describeSetDrift(change.set, change.before);
    case 'remove':
      return `set ${change.name} is not wanted`;
  }
}

function describeSetDrift(wanted: SetSpec, { shape, bounds }: SetState): string {
  if (!isSameMake(wanted.shape, shape) || wanted.owner === 'runtime')
    return `set ${wanted.name} is of another kind: for ${describeShape(shape)}`;
  const { gained, lost } = turnover(wanted.bounds, bounds ?? emptyBounds(wanted.bounds.family));
  return `set ${wanted.name} holds other addresses (${gained} too many, ${lost} missing)`;
}

/** Without it packets cost more, and nothing else is different. */
function describeEarlyDrift({ rules, before }: RulesChange): string {
  const name = `the ${nameRules(rules)}`;
  if (!hasRules(rules)) return `${name} is not wanted`;
  return hasRules(before) ? `${name} is another than the policy asks for` : `${name} is missing`;
}

function describeRulesDrift(change: RulesChange): string {
  const { rules, before } = change;
  const { label } = rules.family;
  if (rules.stage === 'early') return describeEarlyDrift(change);
  if (!hasRules(rules)) return `the ${label} rules are not wanted`;
  if (!hasRules(before)) return `the ${label} rules are missing`;
  if (before.hooks.length === 0) return `nothing leads to the ${label} rules: nothing is fenced`;
  if (placesOf(before) !== placesOf(rules))
    return `the ${label} rules are not the first that packets meet, or packets meet them elsewhere, too`;
  return `the ${label} rules are others than the policy asks for`;
}

const placesOf = ({ hooks }: Ruleset): string =>
  hooks.map(({ at, position }) => `${at === INPUT_HOOK ? '' : at} ${position}`).join();
