import type { Counters, Traffic } from '../plan/counters.ts';
import type { FenceReport } from './fence.ts';
import { fenceRows } from './fence.ts';
import { formatAge, formatBytes, formatPlural, formatTable, listRows } from './format.ts';

/** What `status --json` prints. */
export interface StatusReport {
  /** Whether everything is as the policy says. */
  readonly ok: boolean;
  /** What is not, a sentence each. */
  readonly problems: readonly string[];
  /** Where the policy is stated; absent without one. */
  readonly origin: string | undefined;
  readonly fences: readonly FenceReport[];
  /** Families that the policy leaves open. */
  readonly openFamilies: readonly string[];
  readonly escapes: readonly string[];
  /** Whether local addresses are escapes too. */
  readonly local: boolean;
  /** Since the rules were last replaced; by family, where there are rules. */
  readonly counters: readonly ({ readonly family: string } & Counters)[];
  readonly zones: readonly ZoneStatus[];
  /** When the last change is taken back unless it is confirmed, ISO 8601. */
  readonly pendingUntil: string | undefined;
}

interface ZoneStatus {
  readonly zone: string;
  readonly source: string;
  /** null when the clock was set back since. */
  readonly ageSeconds: number | null;
}

/** The page people look at. */
export function renderStatus(report: StatusReport): string {
  const { fences, origin, openFamilies, problems, zones } = report;
  if (origin === undefined && report.ok) {
    return formatTable([['policy', 'none, and no fence: everybody gets in']]);
  }
  return formatTable([
    ...fences.flatMap((fence) => fenceRows(fence, openFamilies)),
    ['stated', `by ${origin ?? 'nobody'}`],
    ['escapes', describeEscapes(report)],
    ...listRows('zones', describeZones(zones)),
    ...listRows('traffic', report.counters.map(describeCounters)),
    ['covers', 'the host, what it forwards, and ports it publishes for containers'],
    ...(report.pendingUntil === undefined
      ? []
      : [['pending', `taken back at ${report.pendingUntil}, unless: geofence confirm`] as const]),
    ['state', report.ok ? 'as it should be' : 'NOT as it should be'],
    ...listRows('', problems),
    ...(report.ok
      ? []
      : [
          [
            '',
            `to put it right: geofence ${report.pendingUntil === undefined ? 'refresh' : 'rollback'}`,
          ] as const,
        ]),
  ]);
}

function describeEscapes({ escapes, local }: StatusReport): string {
  const all = [...escapes, ...(local ? ['local addresses (private, link-local, ...)'] : [])];
  return all.length === 0 ? 'none' : all.join(', ');
}

/** One line for each source: how many zones, and how old the oldest. */
function describeZones(zones: readonly ZoneStatus[]): string[] {
  const sources = new Map<string, ZoneStatus[]>();
  for (const zone of zones) sources.set(zone.source, [...(sources.get(zone.source) ?? []), zone]);
  return [...sources].map(([source, members]) => {
    const oldest = Math.max(...members.map(({ ageSeconds }) => (ageSeconds ?? Infinity) * 1000));
    const which =
      members.length <= 4 ? members.map(({ zone }) => zone).join(', ') : formatPlural(members.length, 'zone');
    return `${which} from ${source}, ${members.length === 1 ? '' : 'the oldest '}${formatAge(oldest)} old`;
  });
}

const describeCounters = ({ family, passed, dropped }: StatusReport['counters'][number]): string =>
  `${family}: ${describeTraffic(passed)} passed, ${describeTraffic(dropped)} dropped`;

const describeTraffic = ({ packets, bytes }: Traffic): string =>
  `${formatPlural(packets, 'packet')} (${formatBytes(bytes)})`;
