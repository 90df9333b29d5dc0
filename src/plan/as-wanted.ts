import { firstSet, secondSet } from '../firewall/ipset/temporary-sets.ts';
import type { DesiredState, Ruleset, SetSpec, SetState, State } from '../firewall/model.ts';
import { isForeign } from '../firewall/model.ts';
import { isPlanSet } from '../firewall/names.ts';
import { looksAt, withSetNames } from '../firewall/rulesets.ts';
import { usualExtraEntries } from '../firewall/set-shape.ts';

/**
 * Turns a state that was read into one to keep or to put back. Left out is what nobody could make again: sets that a
 * killed run left half made, sets of other kinds than ours, and rules that others wrote into our chains. Where such a
 * run left rules that look at second sets, they look at the first ones, which hold what the second did.
 */
export function asWanted(state: State): DesiredState {
  const rulesets = state.rulesets.map(ownRules);
  return {
    sets: new Map(setsInUse({ ...state, rulesets }).map((set) => [set.name, specOf(set)])),
    rulesets: rulesets.map((rules) => withSetNames(rules, (name) => firstSet(name) ?? name)),
  };
}

const ownRules = (rules: Ruleset): Ruleset => ({
  ...rules,
  hooks: rules.hooks.filter(({ rule }) => !isForeign(rule)),
  chains: new Map([...rules.chains].map(([name, chain]) => [name, chain.filter((rule) => !isForeign(rule))])),
});

/** The sets that can be made again; in place of the first set a second one, where the rules look at that. */
function setsInUse({ sets, rulesets }: State): SetState[] {
  const stoodInFor = (name: string): SetState | undefined => {
    const second = sets.get(secondSet(name));
    return second !== undefined && rulesets.some((rules) => looksAt(rules, second.name)) ? second : undefined;
  };
  return [...sets.values()]
    .filter(
      ({ name, isUnfinished, shape }) =>
        isUnfinished !== true && shape.kind !== 'other' && firstSet(name) === undefined,
    )
    .map((set) => ({ ...(stoodInFor(set.name) ?? set), name: set.name }));
}

const specOf = ({ name, shape, bounds }: SetState): SetSpec =>
  bounds !== undefined && isPlanSet({ name, shape })
    ? { name, shape, owner: 'plan', bounds, extraEntries: usualExtraEntries }
    : { name, shape, owner: 'runtime' };
