import type { AnyRule, State } from '../firewall/model.ts';
import { allRules, rulesOf } from '../firewall/rulesets.ts';
import type { Family } from '../ip/family.ts';

/** What the rules of a family have counted since they were last replaced. */
export interface Counters {
  readonly passed: Traffic;
  readonly dropped: Traffic;
}

export interface Traffic {
  readonly packets: number;
  readonly bytes: number;
}

/** Adds up the rules that let packets pass, and those that drop them. What passes the early drop comes to the fence. */
export function counters(state: State, family: Family): Counters {
  const fence = allRules(rulesOf(state, 'main', family));
  const early = allRules(rulesOf(state, 'early', family));
  return { passed: sum(fence, 'return'), dropped: sum([...fence, ...early], 'drop') };
}

const sum = (rules: readonly AnyRule[], what: 'return' | 'drop'): Traffic =>
  rules
    .filter(({ action }) => action?.do === what)
    .reduce(
      (total, { packets = 0, bytes = 0 }) => ({
        packets: total.packets + packets,
        bytes: total.bytes + bytes,
      }),
      { packets: 0, bytes: 0 },
    );
