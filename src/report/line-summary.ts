import type { Place } from '../zones/country-map.ts';
import { namePlace } from '../zones/country-map.ts';
import { formatCount, formatPlural, formatShare } from '../words/format.ts';

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
  /** By country and verdicts, the largest first; a country is a code, "local", or null where no cached zone holds it. */
  readonly countries: readonly {
    readonly country: Place;
    readonly passes: boolean;
    /** Absent when it is the policy that was asked, or there is none. */
    readonly policyPasses: boolean | undefined;
    readonly addresses: number;
    readonly share: number;
  }[];
}

/** Renders a line on all addresses, then one for each country and verdict, the largest first. */
export function renderSummary(summary: LineSummary): string {
  const { asked, addresses, passed, dropped, disputed, countries } = summary;
  if (addresses === 0) return 'no addresses\n';
  const rows = countries.map(({ country, passes, policyPasses, addresses: count, share }) => ({
    count: formatCount(count),
    share: formatShare(share),
    verdict: passes ? 'passes' : 'dropped',
    place: namePlace(country) + describeDispute({ passes, policyPasses }),
  }));
  const [counts, shares] = (['count', 'share'] as const).map((column) =>
    Math.max(...rows.map(({ [column]: text }) => text.length)),
  );
  return [
    `${formatPlural(addresses, 'address', 'addresses')}: ${formatCount(passed)} passed, ${formatCount(dropped)} dropped`,
    ...(asked === 'kernel' ? [] : ['as the policy says: the kernel cannot be read']),
    ...(disputed === 0 ? [] : [`${formatCount(disputed)} of them not as the policy says`]),
    ...rows.map(({ count, share, verdict, place }) =>
      [count.padStart(counts ?? 0), share.padStart(shares ?? 0), verdict.padEnd(7), place].join('  '),
    ),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

/** What is said of an address: what happens to it now, and what the policy says where that was not what was asked. */
interface AddressAnswer {
  readonly passes: boolean;
  readonly policyPasses: boolean | undefined;
}

/** Whether the policy was asked too, and says otherwise. */
export const isDisputed = ({ passes, policyPasses }: AddressAnswer): boolean =>
  policyPasses !== undefined && policyPasses !== passes;

/** Returns "  (policy: pass)" or "  (policy: drop)" for an answer that the policy disputes, else an empty text. */
export const describeDispute = (said: AddressAnswer): string =>
  isDisputed(said) ? `  (policy: ${said.policyPasses === true ? 'pass' : 'drop'})` : '';
