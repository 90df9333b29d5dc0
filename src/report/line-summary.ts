import type { Class } from '../plan/classify.ts';
import type { Place } from '../zones/registry.ts';
import { namePlace } from '../zones/registry.ts';
import { formatCount, formatPlural, formatShare } from './format.ts';

/** What many addresses come to. */
export interface LineSummary {
  /** Who was asked: the kernel, or where it cannot be read the policy. */
  readonly asked: 'kernel' | 'policy';
  readonly addresses: number;
  readonly passed: number;
  readonly dropped: number;
  /** Of which the policy says otherwise. */
  readonly disputed: number;
  /** Lines without an address, blank ones apart. */
  readonly unreadable: number;
  /** By country and verdict, the largest first; a country is a code, "local", or null where no cached zone holds it. */
  readonly countries: readonly {
    readonly country: Place;
    readonly passes: boolean;
    readonly addresses: number;
    readonly share: number;
  }[];
}

type Counts = readonly { readonly said: Class; readonly addresses: number }[];

export function summarize(asked: LineSummary['asked'], counts: Counts, unreadable: number): LineSummary {
  const sum = (isCounted: (said: Class) => boolean): number =>
    counts.filter(({ said }) => isCounted(said)).reduce((total, { addresses }) => total + addresses, 0);
  const all = sum(() => true);
  const groups = new Map(
    counts.map(({ said: { place, passes } }) => [`${place} ${passes}`, { place, passes }]),
  );
  return {
    asked,
    addresses: all,
    passed: sum(({ passes }) => passes),
    dropped: sum(({ passes }) => !passes),
    disputed: sum(({ isDisputed }) => isDisputed),
    unreadable,
    countries: [...groups.values()]
      .map(({ place, passes }) => {
        const addresses = sum((said) => said.place === place && said.passes === passes);
        return { country: place, passes, addresses, share: addresses / all };
      })
      .sort((a, b) => b.addresses - a.addresses),
  };
}

/** A line on all of them, then one for each country and verdict. */
export function renderSummary(summary: LineSummary): string {
  const { asked, addresses, passed, dropped, disputed, countries } = summary;
  if (addresses === 0) return 'no addresses\n';
  const rows = countries.map(({ country, passes, addresses: count, share }) => [
    formatCount(count),
    formatShare(share),
    passes ? 'passes' : 'dropped',
    namePlace(country),
  ]);
  const widthOf = (column: number): number => Math.max(...rows.map((row) => row[column]!.length));
  const [counts, shares] = [widthOf(0), widthOf(1)];
  return [
    `${formatPlural(addresses, 'address', 'addresses')}: ${formatCount(passed)} passed, ${formatCount(dropped)} dropped`,
    ...(asked === 'kernel' ? [] : ['as the policy says: the kernel cannot be read']),
    ...(disputed === 0
      ? []
      : [`${formatCount(disputed)} of them against the policy: "geofence status" tells why`]),
    ...rows.map(
      ([count = '', share = '', verdict = '', name = '']) =>
        `${count.padStart(counts)}  ${share.padStart(shares)}  ${verdict.padEnd(7)}  ${name}`,
    ),
  ]
    .map((line) => `${line}\n`)
    .join('');
}
