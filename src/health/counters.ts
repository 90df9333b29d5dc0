import type { Family } from '../ip/family.ts';
import { DROP_CHAIN } from '../firewall/names.ts';
import type { Rule, Ruleset, State } from '../firewall/model.ts';
import { rulesOf } from '../firewall/model.ts';

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
  const fence = rulesOf(state, 'mangle', family);
  const early = rulesOf(state, 'raw', family);
  return {
    passed: sum(fence, (_, { text }) => text.endsWith('-j RETURN')),
    dropped: add(sum(fence, isDrop), sum(early, isDrop)),
  };
}

const isDrop = (chain: string, { text }: Rule): boolean => chain === DROP_CHAIN && text.endsWith('-j DROP');

const add = (a: Traffic, b: Traffic): Traffic => ({
  packets: a.packets + b.packets,
  bytes: a.bytes + b.bytes,
});

const sum = ({ chains }: Ruleset, isMeant: (chain: string, rule: Rule) => boolean): Traffic =>
  [...chains]
    .flatMap(([chain, rules]) => rules.filter((rule) => isMeant(chain, rule)))
    .map(({ packets = 0, bytes = 0 }) => ({ packets, bytes }))
    .reduce(add, { packets: 0, bytes: 0 });
