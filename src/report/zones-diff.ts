import { formatPlural, formatTable, formatTime } from '../words/format.ts';
import type { ZoneFacts, ZoneLack } from './zones.ts';
import { describeLack, formatChange, formatSize } from './zones.ts';

/** One copy of a zone. */
interface CopyReport {
  readonly source: string;
  /** ISO 8601 */
  readonly fetchedAt: string;
  readonly networks: number;
  readonly addresses: number;
}

/** What a zone gained or lost, merged. */
interface ZoneTurnover {
  readonly addresses: number;
  readonly networks: readonly string[];
}

/** How a zone differs from its previous copy. */
export type ZoneDiffReport =
  | (ZoneFacts & ZoneLack)
  | (ZoneFacts & { readonly state: 'single'; readonly after: CopyReport })
  | (ZoneFacts & {
      readonly state: 'changed';
      readonly before: CopyReport;
      readonly after: CopyReport;
      readonly changePercent: number;
      readonly gained: ZoneTurnover;
      readonly lost: ZoneTurnover;
    });

/** Renders how a zone changed: a summary, then a line for each network gained ("+") or lost ("-"). */
export function renderZoneDiff(report: ZoneDiffReport): string {
  const { zone } = report;
  if (report.state === 'single') {
    return formatTable([
      [zone, `no previous copy; the only one is of ${formatTime(report.after.fetchedAt)}`],
    ]);
  }
  if (report.state !== 'changed') return formatTable([[zone, describeLack(report)]]);
  const { before, after, changePercent, gained, lost } = report;
  const times = `${formatTime(before.fetchedAt)} to ${formatTime(after.fetchedAt)}`;
  return [
    formatTable([
      [zone, `${formatChange(changePercent)}, ${times}`],
      ['gained', describeTurnover(report, gained)],
      ['lost', describeTurnover(report, lost)],
    ]),
    ...gained.networks.map((network) => `+${network}\n`),
    ...lost.networks.map((network) => `-${network}\n`),
  ].join('');
}

function describeTurnover({ family }: ZoneFacts, { addresses, networks }: ZoneTurnover): string {
  if (networks.length === 0) return 'nothing';
  const size =
    family === 'ipv4' ? formatPlural(addresses, 'address', 'addresses') : formatSize(family, addresses);
  return `${formatPlural(networks.length, 'network')}, ${size}`;
}
