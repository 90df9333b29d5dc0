import type { PortRange, State } from '../firewall/model.ts';
import type { HoleReport } from '../report/holes.ts';
import type { Hole, HoleProtocol } from './holes.ts';
import { holesIn } from './holes.ts';

/** The kernel tells whole seconds, of one port after the other: what ends so close together was opened at once. */
const SAME_SECONDS = 2;

/** Ports next to each other that were opened at once. */
interface OpenPorts extends PortRange {
  readonly protocol: HoleProtocol;
  readonly secondsLeft: number;
}

/** Returns the ports that are open to everybody in a state, those next to each other as one. */
export function openPortsIn(state: State): OpenPorts[] {
  const joined: OpenPorts[] = [];
  for (const { protocol, entry, secondsLeft } of holesIn(state).toSorted(inOrder)) {
    if (protocol === undefined) continue;
    const port = Number(entry);
    const before = joined.at(-1);
    if (
      before?.protocol === protocol &&
      before.to + 1 === port &&
      isSameTime(before.secondsLeft, secondsLeft)
    )
      joined[joined.length - 1] = { ...before, to: port };
    else joined.push({ protocol, from: port, to: port, secondsLeft });
  }
  return joined;
}

const isSameTime = (a: number, b: number): boolean => Math.abs(a - b) <= SAME_SECONDS;

const inOrder = (a: Hole, b: Hole): number =>
  a.protocol === b.protocol && a.protocol !== undefined ? Number(a.entry) - Number(b.entry) : 0;

/** Words open ports: "tcp/80", "udp/1000-2000". */
export const describeOpenPorts = ({ protocol, from, to }: Omit<OpenPorts, 'secondsLeft'>): string =>
  `${protocol}/${from === to ? from : `${from}-${to}`}`;

/**
 * Returns what is open in a state: ports, then visitors. `timeIn` tells, as ISO 8601, what time it is so many seconds
 * after the state was read.
 */
export function reportHoles(state: State, timeIn: (seconds: number) => string): HoleReport[] {
  const until = (secondsLeft: number): string | null => (secondsLeft === 0 ? null : timeIn(secondsLeft));
  return [
    ...openPortsIn(state).map((ports) => ({
      port: describeOpenPorts(ports),
      from: null,
      until: until(ports.secondsLeft),
    })),
    ...holesIn(state)
      .filter(({ protocol }) => protocol === undefined)
      .map(({ entry, secondsLeft }) => ({ port: null, from: entry, until: until(secondsLeft) })),
  ];
}
