import type { FenceReport } from './fence.ts';
import { accessRows, describeAddresses, describeEntries, labelOf } from './fence.ts';
import {
  COLUMNS,
  formatAge,
  formatBytes,
  formatDays,
  formatList,
  formatPlural,
  formatShare,
  formatShortened,
  formatTable,
  formatTime,
  listRows,
  wrap,
} from '../words/format.ts';
import { adviceLines } from './advice.ts';
import { describeHoles } from './holes.ts';
import { describePorts } from './ports.ts';
import type { FamilyStatus, FenceState, Schedule, StatusReport, PacketCount, ZoneStatus } from './status.ts';
import type { Style, Tone } from '../words/style.ts';

interface StatusRow {
  readonly label: string;
  readonly text: string;
  readonly tone?: Tone;
}

/** Renders the page of `status` for people, at most 80 columns wide; `style` colours it. */
export function renderStatus(report: StatusReport, style: Style): string {
  const holes = rowsOf('holes', describeHoles(report.holes)).map((row): StatusRow => ({
    ...row,
    tone: 'warning',
  }));
  const rows = [
    stateRow(report),
    ...policyRows(report),
    ...holes,
    ...coverRows(report),
    ...adviceRows(report),
  ];
  const width = COLUMNS - Math.max(...rows.map(({ label }) => label.length)) - 2;
  return formatTable(
    rows.flatMap(({ label, text, tone = toneOf(text) }) =>
      wrap(text, width).map((line, i): [string, string] => [i === 0 ? label : '', style(tone, line)]),
    ),
  );
}

/** Capitals are for what nobody should overlook. */
const toneOf = (text: string): Tone => (/\bNOT(?:HING)?\b/.test(text) ? 'bad' : 'plain');

const tones: Record<FenceState, Tone> = {
  down: 'bad',
  drifted: 'bad',
  stale: 'warning',
  pending: 'warning',
  preview: 'warning',
  up: 'good',
  none: 'warning',
};

function stateRow({ state, families }: StatusReport): StatusRow {
  const open = families.filter(({ coverage }) => coverage === 'down').map(({ family }) => labelOf(family));
  const words: Record<FenceState, string> = {
    down: `everybody gets in over ${formatList(open)}`,
    drifted: 'the kernel does not hold what the policy says',
    stale: 'the fence stands, on zones that are too old, damaged or missing',
    pending: 'the fence is as the change on trial says',
    preview: 'nothing is dropped: fences only count what they would drop',
    up: 'the fence is as the policy says, and the zones are fresh',
    none: 'no policy, and no fence: everybody gets in',
  };
  return { label: 'state', text: `${state}: ${words[state]}`, tone: tones[state] };
}

function policyRows(report: StatusReport): StatusRow[] {
  const { policy, origin, pendingUntil, escapes, access, fences, zones, maxZoneAgeDays, schedule } = report;
  if (policy === undefined) return [];
  return [
    { label: 'policy', text: policy },
    { label: 'stated', text: `by ${origin}` },
    ...(pendingUntil === undefined
      ? []
      : [{ label: 'pending', text: describeTrial(pendingUntil), tone: 'warning' } as const]),
    ...accessRows(access).map(([label, text]) => ({ label, text })),
    ...rowsOf('escapes', escapes.length < 2 ? [] : [formatShortened(escapes)]),
    ...fences.flatMap(familyRows),
    ...rowsOf('traffic', describeTraffic(report)),
    ...rowsOf('zones', [...describeZones(zones), `fetched again when ${formatDays(maxZoneAgeDays)} old`]),
    { label: 'next run', text: describeSchedule(schedule) },
  ];
}

const rowsOf = (label: string, items: readonly string[]): StatusRow[] =>
  listRows(label, items).map(([first, text]) => ({ label: first, text }));

const describeTrial = (until: string): string =>
  `taken back at ${formatTime(until, 'second')}, unless: geofence confirm`;

const familyRows = ({ families }: FenceReport): StatusRow[] =>
  families.map((report) => ({
    label: labelOf(report.family),
    text: [
      `${describeAddresses(report.family, report.addresses)} (${formatShare(report.share)})`,
      formatPlural(report.networks, 'network'),
      report.entries === report.networks
        ? formatPlural(report.entries, 'entry', 'entries')
        : describeEntries(report),
    ].join(', '),
  }));

/** A line for each family, and for each fence where there are several, or previews. */
function describeTraffic({ families, counted }: StatusReport): string[] {
  const lines = families.flatMap(({ family, counters }) =>
    counters === undefined ? [] : [`${labelOf(family)}: ${describePackets(counters.dropped)} dropped`],
  );
  const byFence = counted.map(({ fence, preview, count }) =>
    preview
      ? `${fence} would have dropped ${describePackets(count)}`
      : `${fence}: ${describePackets(count)} dropped`,
  );
  return lines.length === 0 ? [] : [...lines, ...byFence, 'since the rules were last put in place'];
}

const describePackets = ({ packets, bytes }: PacketCount): string =>
  `${formatPlural(packets, 'packet')} (${formatBytes(bytes)})`;

/** One line for each source: how many zones, and how old they are. */
function describeZones(zones: readonly ZoneStatus[]): string[] {
  const sources = new Map<string, ZoneStatus[]>();
  for (const zone of zones) sources.set(zone.source, [...(sources.get(zone.source) ?? []), zone]);
  return [...sources].map(
    ([source, members]) =>
      `${formatPlural(members.length, 'zone')} from ${source}, fetched ${describeFetch(members)}`,
  );
}

/** "2026-11-18 06:25 UTC (2 days ago)"; of several times the first and the last. */
function describeFetch(zones: readonly ZoneStatus[]): string {
  const sorted = zones.toSorted((a, b) => (a.fetchedAt < b.fetchedAt ? -1 : 1));
  const [oldest, newest] = [sorted[0]!, sorted.at(-1)!];
  const times = [...new Set([oldest, newest].map(({ fetchedAt }) => formatTime(fetchedAt)))];
  const age = Math.max(...zones.map(({ ageSeconds }) => ageSeconds ?? Infinity)) * 1000;
  const ago = Number.isFinite(age) ? `${formatAge(age)} ago` : 'clock set back';
  return `${times.join(' to ')} (${times.length === 1 ? '' : 'the oldest '}${ago})`;
}

function describeSchedule(schedule: Schedule | undefined): string {
  if (schedule === undefined) return 'none known: no timer or cron job of geofence → geofence install';
  const { by, calendar, nextRun } = schedule;
  const when = calendar === undefined ? 'weekly' : `"${calendar}"`;
  return `${nextRun === undefined ? '' : `after ${formatTime(nextRun)}, `}${when}, by ${by}`;
}

const everything = 'the host, what it forwards, and the ports of its containers';
const covers: Record<FamilyStatus['coverage'], string> = {
  fenced: everything,
  doubtful: `${everything}, with the problems below`,
  down: 'NOTHING, everybody gets in',
  open: 'NOTHING, everybody gets in',
  absent: 'nothing to cover, the kernel does not have it',
};

/** What the fence stands before, and what not. */
function coverRows({ state, families, listeners, access }: StatusReport): StatusRow[] {
  const isPlain = access.length === 0 && state !== 'preview';
  const isSame = new Set(families.map(({ coverage }) => coverage)).size === 1;
  const coverOf = ({ coverage }: FamilyStatus): string =>
    state === 'preview' && coverage === 'fenced' ? 'nothing yet, fences only count' : covers[coverage];
  const cover = isSame
    ? families.slice(0, 1).map(coverOf)
    : families.map((family) => `${labelOf(family.family)}: ${coverOf(family)}`);
  return [...rowsOf('covers', cover), ...rowsOf('ports', describePorts(listeners, isPlain))];
}

const adviceRows = ({ problems, warnings }: StatusReport): StatusRow[] => [
  ...rowsOf('problems', adviceLines(problems)).map((row): StatusRow => ({ ...row, tone: 'bad' })),
  ...rowsOf('warnings', adviceLines(warnings)).map((row): StatusRow => ({ ...row, tone: 'warning' })),
];
