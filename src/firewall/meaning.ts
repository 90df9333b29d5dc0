import type { AnyRule, Match } from './model.ts';
import type { Rate } from './rate.ts';
import { secondsIn } from './rate.ts';

/**
 * Returns which packets a rule is about and what it does with them, as a value that is written as JSON in the same text
 * for rules that decide alike. The order in which its conditions stand says nothing: kernels tell them in another one.
 */
export const meaningOf = ({ match = [], action }: AnyRule): readonly unknown[] => [
  match
    .map((one) => JSON.stringify(Object.entries(conditionOf(one)).sort(([x], [y]) => (x < y ? -1 : 1))))
    .sort(),
  Object.entries(action ?? {}).sort(([x], [y]) => (x < y ? -1 : 1)),
];

/** A condition as it is compared: kernels tell "60 a minute" as "1 a second". */
function conditionOf(match: Match): object {
  if (match.on === 'rate') return { ...match, rate: intervalOf(match.rate) };
  return match.on === 'source-rate' ? { ...match, above: intervalOf(match.above) } : match;
}

/** As exactly as the kernel keeps it (xt_limit): in whole ten-thousandths of a second. */
const intervalOf = ({ count, per, burst }: Rate): readonly number[] => [
  Math.floor((10_000 * secondsIn[per]) / count),
  burst,
];
