import type { State } from '../firewall/model.ts';
import type { Bounds } from '../ip/bounds.ts';
import { emptyBounds, intersect, isEmpty, subtract, union, wholeSpace } from '../ip/bounds.ts';
import { parseNetworks } from '../ip/networks.ts';
import type { Traffic } from './packet.ts';
import { decide, sourcesIn } from './verdict.ts';

/** How it is decided about traffic: at once, or by where the source is. */
type DecisionTree =
  | { readonly passes: boolean }
  | {
      readonly set?: string;
      readonly network?: string;
      readonly inside: DecisionTree;
      readonly outside: DecisionTree;
    };

/** Returns all source addresses that a state lets in with this traffic. */
export const passing = (state: State, traffic: Traffic): Bounds => createPassing(state)(traffic);

/**
 * Returns a function that tells which source addresses a state lets in with given traffic. It remembers its answers, so
 * that kinds of traffic that the rules decide about alike are worked out once.
 */
export function createPassing(state: State): (traffic: Traffic) => Bounds {
  const known = new Map<string, Bounds>();
  return (traffic) => {
    const decision = decisionOn(state, traffic, new Map());
    const key = JSON.stringify([traffic.family.name, decision]);
    const found = known.get(key) ?? select(state, traffic.family, decision, wholeSpace(traffic.family));
    known.set(key, found);
    return found;
  };
}

/** Asks the walk again and again, each time with one answer more, until it needs no further one. */
function decisionOn(state: State, traffic: Traffic, answers: ReadonlyMap<string, boolean>): DecisionTree {
  let open: { readonly set?: string; readonly network?: string; readonly key: string } | undefined;
  const ask = (question: { readonly set: string } | { readonly network: string }): boolean => {
    const key = JSON.stringify(question);
    const answer = answers.get(key);
    if (answer === undefined) open ??= { ...question, key };
    return answer === true;
  };
  const { passes } = decide(state, traffic, {
    isInSet: (set) => ask({ set }),
    isInNetwork: (network) => ask({ network }),
    address: undefined,
    added: new Set(),
  });
  if (open === undefined) return { passes };
  const { key, ...question } = open;
  return {
    ...question,
    inside: decisionOn(state, traffic, new Map(answers).set(key, true)),
    outside: decisionOn(state, traffic, new Map(answers).set(key, false)),
  };
}

/** Those of `group` that pass. */
function select(state: State, family: Traffic['family'], decision: DecisionTree, group: Bounds): Bounds {
  if (isEmpty(group)) return group;
  if ('passes' in decision) return decision.passes ? group : emptyBounds(family);
  const { set, network, inside, outside } = decision;
  const bounds = set === undefined ? parseNetworks(family, [network ?? '']) : sourcesIn(state, family, set);
  return union(
    select(state, family, inside, intersect(group, bounds)),
    select(state, family, outside, subtract(group, bounds)),
  );
}
