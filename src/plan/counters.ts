import { DROP_CHAIN } from './names.ts';
import type { Ruleset } from './state.ts';

/** What the rules of a family have counted since they were last replaced. */
export interface Counters {
  readonly passed: Traffic;
  readonly dropped: Traffic;
}

export interface Traffic {
  readonly packets: number;
  readonly bytes: number;
}

/** Adds up the rules that let packets pass, and those that drop them. */
export function counters({ chains }: Ruleset): Counters {
  const sum = { passed: { packets: 0, bytes: 0 }, dropped: { packets: 0, bytes: 0 } };
  for (const [name, rules] of chains) {
    for (const { text, packets = 0, bytes = 0 } of rules) {
      const isDrop = name === DROP_CHAIN && text.endsWith('-j DROP');
      if (!isDrop && !text.endsWith('-j RETURN')) continue;
      const traffic = isDrop ? sum.dropped : sum.passed;
      traffic.packets += packets;
      traffic.bytes += bytes;
    }
  }
  return sum;
}
