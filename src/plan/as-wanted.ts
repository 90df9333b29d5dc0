import type { DesiredState, SetSpec, SetState, State } from '../firewall/model.ts';
import { isForeign } from '../firewall/model.ts';
import { isPlanSet } from '../firewall/names.ts';
import { usualExtraEntries } from '../firewall/set-shape.ts';

/**
 * Turns a state that was read into one to keep or to put back. Left out is what nobody could make again: sets that a
 * killed run left half made, sets of other kinds than ours, and rules that others wrote into our chains.
 */
export const asWanted = ({ sets, rulesets }: State): DesiredState => ({
  sets: new Map(
    [...sets.values()]
      .filter(({ isUnfinished, shape }) => isUnfinished !== true && shape.kind !== 'other')
      .map((set) => [set.name, specOf(set)]),
  ),
  rulesets: rulesets.map((rules) => ({
    ...rules,
    hooks: rules.hooks.filter(({ rule }) => !isForeign(rule)),
    chains: new Map(
      [...rules.chains].map(([name, chain]) => [name, chain.filter((rule) => !isForeign(rule))]),
    ),
  })),
});

const specOf = ({ name, shape, bounds }: SetState): SetSpec =>
  bounds !== undefined && isPlanSet({ name, shape })
    ? { name, shape, owner: 'plan', bounds, extraEntries: usualExtraEntries }
    : { name, shape, owner: 'runtime' };
