import { formatTable, formatTime, listRows, wrapItem } from '../words/format.ts';

/** A run that changed the kernel. */
interface HistoryRow {
  /** When it began to: ISO 8601, in UTC. */
  readonly at: string;
  /** The command line, without the name of the program. */
  readonly command: string;
  /** A user, or a unit of systemd's. */
  readonly by: string;
  readonly changes: readonly string[];
  /** Undefined of a run that was killed, or goes on. */
  readonly exitCode?: number;
}

/** What `history` comes to: the runs of the last year that changed the kernel, oldest first. */
export interface HistoryReport {
  readonly runs: readonly HistoryRow[];
}

/** Renders the runs, the latest last, where a terminal shows it. */
export const renderHistory = ({ runs }: HistoryReport): string =>
  runs.length === 0
    ? formatTable([['history', 'nothing was changed yet']])
    : runs.map((run) => formatTable(rowsOf(run))).join('\n');

const rowsOf = ({ at, command, by, changes, exitCode }: HistoryRow): [string, string][] => [
  ['when', formatTime(at, 'second')],
  ...listRows('command', wrapItem(`geofence ${command}`)),
  ['by', by],
  ...listRows('changes', changes.flatMap(wrapItem)),
  ['exit code', exitCode === undefined ? 'none: it was killed, or goes on' : String(exitCode)],
];
