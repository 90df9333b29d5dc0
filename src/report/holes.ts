import { formatList, formatTime } from '../words/format.ts';

/** Something that is open for a while. */
export interface HoleReport {
  /** "tcp/80", "udp/1000-2000"; null where everything is. */
  readonly port: string | null;
  /** To whom; null: to everybody. */
  readonly from: string | null;
  /** ISO 8601; null where it stays open until somebody closes it. */
  readonly until: string | null;
}

/** "tcp/80 and tcp/443 open to everybody until 2026-11-18 18:40:12 UTC", a sentence for each time and each visitor. */
export function describeHoles(holes: readonly HoleReport[]): string[] {
  const groups = new Map<string, string[]>();
  for (const { port, from, until } of holes) {
    const end = until === null ? 'without an end' : `until ${formatTime(until, 'second')}`;
    const whom = `open to ${from ?? 'everybody'} ${end}`;
    groups.set(whom, [...(groups.get(whom) ?? []), port ?? 'everything']);
  }
  return [...groups].map(([whom, ports]) => `${formatPorts(ports)} ${whom}`);
}

const formatPorts = (ports: readonly string[]): string =>
  ports.join() === EVERY_PORT ? 'every port' : formatList(ports);

const EVERY_PORT = 'tcp/0-65535,udp/0-65535';
