import type { LineSummary } from '../report/line-summary.ts';
import { isDisputed } from '../report/line-summary.ts';
import type { Class } from './classify.ts';

type Counts = readonly { readonly said: Class; readonly addresses: number }[];

/**
 * Sums the answers to many lines up by country and verdict, the largest first. `counts` has the addresses of each
 * class, `unreadable` the number of lines without an address.
 */
export function summarize(asked: LineSummary['asked'], counts: Counts, unreadable: number): LineSummary {
  const sum = (isCounted: (said: Class) => boolean): number =>
    counts.filter(({ said }) => isCounted(said)).reduce((total, { addresses }) => total + addresses, 0);
  const all = sum(() => true);
  // A country is counted in each family.
  const groups = new Map<string, Counts[number]>();
  for (const { said, addresses } of counts) {
    const key = JSON.stringify(said);
    groups.set(key, { said, addresses: addresses + (groups.get(key)?.addresses ?? 0) });
  }
  return {
    asked,
    addresses: all,
    passed: sum(({ passes }) => passes),
    dropped: sum(({ passes }) => !passes),
    disputed: sum(isDisputed),
    unreadable,
    countries: [...groups.values()]
      .map(({ said: { place, passes, policyPasses }, addresses }) => ({
        country: place,
        passes,
        policyPasses,
        addresses,
        share: addresses / all,
      }))
      .sort((a, b) => b.addresses - a.addresses),
  };
}
