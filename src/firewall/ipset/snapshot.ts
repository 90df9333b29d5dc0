import { families, ipv4 } from '../../ip/family.ts';
import { parseNetworks } from '../../ip/networks.ts';
import { formatBounds } from '../../ip/prefixes.ts';
import { looksAt } from '../rulesets.ts';
import type { AnyRule, DesiredState, SetSpec, SetState, State } from '../model.ts';
import { isForeign, stages } from '../model.ts';
import { isOurChain, isOurSet, isPlanSet } from '../names.ts';
import { usualExtraEntries } from '../set-shape.ts';
import { parseRule } from './parse-rule.ts';
import { renderRule } from './render-rule.ts';
import { parseHeader, renderHeader } from './set-header.ts';
import { chainAt, hookOf, tableOf } from './tables.ts';

/** A state as JSON: what the kernel held, to be put back later. */
export interface Snapshot {
  readonly sets: readonly {
    readonly name: string;
    /** As `ipset save` words it, without sizes: "hash:net family inet". */
    readonly header: string;
    readonly networks: readonly string[];
    /** Of a set whose entries come and go: only its shape is put back. */
    readonly maxEntries?: number;
  }[];
  readonly rulesets: readonly {
    readonly table: string;
    readonly family: 'ipv4' | 'ipv6';
    /** Rules by their chain, in the words of iptables-save. */
    readonly chains: Readonly<Record<string, readonly string[]>>;
    readonly jumps: readonly { readonly chain: string; readonly position: number; readonly text: string }[];
  }[];
}

/**
 * Returns what to keep of a state: all rules of ours and the sets they look at or add to, with the content of those
 * that the plan owns. Rules that others wrote into our chains are left out: nobody can say what they would do later.
 */
export const snapshotOf = ({ sets, rulesets }: State): Snapshot => ({
  sets: [...sets.values()]
    .filter(
      ({ name, isUnfinished }) => isUnfinished !== true && rulesets.some((rules) => looksAt(rules, name)),
    )
    .map(savedSet),
  rulesets: rulesets.map(({ stage, family, chains, hooks }) => {
    const textsOf = (rules: readonly AnyRule[]): string[] =>
      rules.filter((rule) => !isForeign(rule)).map((rule) => renderRule(rule, family));
    return {
      table: tableOf[stage],
      family: family.name,
      chains: Object.fromEntries([...chains].map(([name, rules]) => [name, textsOf(rules)])),
      jumps: hooks
        .filter(({ rule }) => !isForeign(rule))
        .map(({ at, position, rule }) => ({ chain: chainAt(at), position, text: renderRule(rule, family) })),
    };
  }),
});

function savedSet({ name, shape, bounds }: SetState): Snapshot['sets'][number] {
  const header = renderHeader(shape);
  if (isPlanSet({ name, shape }))
    return { name, header, networks: bounds === undefined ? [] : formatBounds(bounds) };
  const { maxEntries } = shape;
  return { name, header, networks: [], ...(maxEntries === undefined ? {} : { maxEntries }) };
}

/**
 * Returns the state that a snapshot, which comes from a file, stands for. Throws an Error for a table, chain, rule, set
 * or network that is not as a fence of ours has it.
 */
export const stateOf = ({ sets, rulesets }: Snapshot): DesiredState => ({
  sets: new Map(sets.map((set) => [set.name, setFrom(set)])),
  rulesets: rulesets.map(({ table, family: name, chains, jumps }) => {
    const family = families.find((candidate) => candidate.name === name);
    const stage = stages.find((candidate) => tableOf[candidate] === table);
    if (family === undefined || stage === undefined)
      throw new Error(`there is no table "${table}" of "${name}"`);
    const ruleOf = (text: string): AnyRule => {
      const rule = parseRule(text, family);
      if (isForeign(rule)) throw new Error(`"${text}" is no rule of a fence`);
      return rule;
    };
    const foreign = Object.keys(chains).find((chain) => !isOurChain(chain));
    if (foreign !== undefined) throw new Error(`"${foreign}" is no chain of ours`);
    return {
      stage,
      family,
      chains: new Map(Object.entries(chains).map(([chain, texts]) => [chain, texts.map(ruleOf)])),
      hooks: jumps.map(({ chain, position, text }) => ({ at: hookOf(chain), position, rule: ruleOf(text) })),
    };
  }),
});

function setFrom({ name, header, networks, maxEntries }: Snapshot['sets'][number]): SetSpec {
  if (!isOurSet(name) || !/^[\w.-]+$/.test(name)) throw new Error(`"${name}" is no set of ours`);
  const shape = { ...parseHeader(header.split(' ')), ...(maxEntries === undefined ? {} : { maxEntries }) };
  if (shape.kind === 'other' || shape.extras !== '')
    throw new Error(`set ${name}: "${header}" is none of ours`);
  if (!isPlanSet({ name, shape })) return { name, owner: 'runtime', shape };
  const { family = ipv4 } = shape;
  return {
    name,
    owner: 'plan',
    shape,
    bounds: parseNetworks(family, networks),
    extraEntries: usualExtraEntries,
  };
}
