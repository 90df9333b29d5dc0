import type { Place } from '../zones/country-map.ts';
import { namePlace } from '../zones/country-map.ts';
import type { FamilyName, PolicyReport } from './fence.ts';
import { accessRows, describeSize, fenceRows, labelOf } from './fence.ts';
import { adviceRows } from './advice.ts';
import type { Advice } from './status.ts';
import { formatCount, formatTable, listRows, wrapItem } from '../words/format.ts';

/** What `plan --json` prints. */
export interface PlanReport extends PolicyReport {
  /** Always false: what `refresh` prints has the same field. */
  readonly applied: false;
  /** Whether there is a fence now. */
  readonly isFenced: boolean;
  /** Who gets in that did not, and the reverse; by family, where there is any. */
  readonly difference: readonly {
    /** Where; absent where the same get in everywhere. */
    readonly way?: string;
    readonly family: FamilyName;
    readonly gained: GroupReport;
    readonly lost: GroupReport;
  }[];
  /** Whose connections to this host are open, and who could not open another. */
  readonly cutOff: readonly CutOff[];
  /** What guards say against it, those forced apart. */
  readonly refusals: readonly { readonly guard: string; readonly reason: string; readonly hint: string }[];
  /** What is as stated, but may not be meant, or not work as one thinks. */
  readonly warnings: readonly Advice[];
  readonly changes: readonly string[];
}

/** A country code, "local", or null where no cached zone holds it. */
export interface GroupReport {
  readonly addresses: number;
  readonly countries: readonly { readonly country: Place; readonly addresses: number }[];
  readonly largest: readonly { readonly network: string; readonly country: Place }[];
}

export interface CutOff {
  readonly address: string;
  /** Of this host. */
  readonly port: number;
  readonly country: Place;
}

/** Countries and peers that are named; the rest is counted. */
const MOST_COUNTRIES = 3;
const MOST_PEERS = 10;

/** Renders a plan for people, at most about a screen: first who gains, loses or is cut off, then what is done. */
export function renderPlan(report: PlanReport): string {
  const { fences, access, openFamilies, isFenced, changes } = report;
  return formatTable([
    ...fences.flatMap((fence) => fenceRows(fence, openFamilies)),
    ...accessRows(access),
    ...(isFenced ? [] : listRows('now', ['no fence: everybody gets in'])),
    ...differenceRows(report),
    ...cutOffRows(report),
    ...guardRows(report),
    ...adviceRows(report.warnings),
    ...listRows('to do', changes.flatMap(wrapItem), 'nothing, the fence is as it should be'),
  ]);
}

function differenceRows({ difference, changes }: PlanReport): [string, string][] {
  if (changes.length === 0) return [];
  if (difference.length === 0) return [['people', 'the same get in as now']];
  return (['gained', 'lost'] as const).flatMap((side) =>
    listRows(
      side === 'gained' ? 'gets in' : 'shut out',
      difference.flatMap(({ way, family, [side]: group }) => describeGroup(way, family, group)),
    ),
  );
}

function describeGroup(
  way: string | undefined,
  family: FamilyName,
  { addresses, countries, largest }: GroupReport,
): string[] {
  if (addresses === 0) return [];
  const named = countries
    .slice(0, MOST_COUNTRIES)
    .map(({ country, addresses: count }) => `${namePlace(country)} ${describeCount(family, count)}`);
  const more = countries.length - named.length;
  const rest = more === 0 ? '' : ` and ${formatCount(more)} more`;
  const networks = largest.map(({ network, country }) => network + (country === null ? '' : ` ${country}`));
  return [
    ...wrapItem(
      `${way === undefined ? '' : `${way}, `}${labelOf(family)}: ${describeSize(family, addresses)}`,
    ),
    ...wrapItem(`${named.join(', ')}${rest}`),
    ...wrapItem(`${networks.length === 1 ? 'as' : 'largest'}: ${networks.join(', ')}`),
  ];
}

/** In the unit of `describeSize`. */
function describeCount(family: FamilyName, addresses: number): string {
  const count = family === 'ipv4' ? addresses : addresses / 2 ** 80;
  return count < 1 ? 'under 1' : formatCount(count);
}

function cutOffRows({ cutOff }: PlanReport): [string, string][] {
  if (cutOff.length === 0) return [];
  const named = cutOff
    .slice(0, MOST_PEERS)
    .flatMap(({ address, port, country }) => wrapItem(`${address} on port ${port}, ${namePlace(country)}`));
  const more = cutOff.length - MOST_PEERS;
  const who =
    cutOff.length === 1
      ? '1 connected peer, which goes'
      : `${formatCount(cutOff.length)} connected peers, which go`;
  return listRows('cut off', [
    ...wrapItem(`${who} on until the connection ends, but could not connect again:`),
    ...named,
    ...(more > 0 ? [`and ${formatCount(more)} more`] : []),
  ]);
}

const guardRows = ({ refusals, changes }: PlanReport): [string, string][] =>
  listRows(
    'guards',
    refusals.flatMap(({ guard, reason, hint }) => [
      ...wrapItem(`guard ${guard} would refuse: ${reason}`),
      ...wrapItem(hint),
    ]),
    ...(changes.length === 0 ? [] : ['none refuses']),
  );
