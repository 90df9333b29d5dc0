import type { Fence } from './policy.ts';
import { describePorts, nameCountries } from './describe.ts';
import type { PortProtocol, ProtocolPorts } from './scope.ts';
import type { WayReport } from '../report/fence.ts';
import { formatList } from '../words/format.ts';
import type { Decision, Fate } from './fates.ts';
import { isSame, otherDecision, portDecisions } from './fates.ts';

/** A packet that comes in on a way: of TCP or UDP with a port, or of a protocol that has none. */
export interface WayExample {
  readonly protocol: PortProtocol | 'gre';
  readonly port?: number;
  readonly interface?: string;
}

/** A way in, and who gets in on it. */
export interface WayIn extends WayReport {
  readonly example: WayExample;
}

const protocols: readonly PortProtocol[] = ['tcp', 'udp'];

/**
 * Returns who gets in where: a row for each group of ports, and of interfaces, about which the same fences decide, and
 * one for all the rest. [] where they decide about everything alike.
 */
export function whoGetsIn(fences: readonly Fence[]): WayIn[] {
  const rest = otherDecision(fences);
  const groups: { readonly decision: Decision; readonly ports: ProtocolPorts[] }[] = [];
  for (const protocol of protocols) {
    for (const { range, decision } of portDecisions(fences, protocol)) {
      if (isSame(decision, rest)) continue;
      let group = groups.find((one) => isSame(one.decision, decision));
      if (group === undefined) groups.push((group = { decision, ports: [] }));
      group.ports.push({ protocol, ranges: [range] });
    }
  }
  if (groups.length === 0 && rest.byInterface.length === 0) return [];
  return [
    ...groups.flatMap(({ decision, ports }) => rowsOf(describePorts(ports), decision, firstOf(ports))),
    ...rowsOf(groups.length === 0 ? '' : 'everything else', rest, { protocol: 'gre' }),
  ];
}

const firstOf = (ports: readonly ProtocolPorts[]): WayExample => {
  const [first] = ports;
  if (first === undefined) throw new Error('a group has ports');
  return { protocol: first.protocol, port: first.ranges[0]?.from ?? 0 };
};

function rowsOf(ports: string, { byInterface, rest }: Decision, example: WayExample): WayIn[] {
  const row = (on: string, fate: Fate, name: string): WayIn => ({
    way: [ports, on].filter((text) => text !== '').join(' '),
    who: describeFate(fate),
    owner: fate.owner?.name,
    example: { ...example, interface: name },
  });
  return [
    ...byInterface.map(({ pattern, fate }) => row(`on ${pattern}`, fate, nameIn(pattern))),
    row(byInterface.length === 0 ? '' : 'on other interfaces', rest, UNNAMED),
  ];
}

/** Of an interface that no pattern fits: the kernel takes no "/" in a name. */
const UNNAMED = '/';

/** A name that the pattern fits, and no narrower one. */
const nameIn = (pattern: string): string => pattern.replace(/\*$/, UNNAMED);

function describeFate({ denies, owner, previews }: Fate): string {
  const out = denies.flatMap(({ countries }) => countries);
  const who =
    owner === undefined || owner.countries === 'everyone'
      ? 'everybody'
      : `only ${nameCountries(owner.countries)}`;
  const counted = previews.map(({ name }) => name);
  return [
    out.length === 0 ? who : `${who}, but not ${nameCountries([...new Set(out)].sort())}`,
    ...(counted.length === 0 ? [] : [`${formatList(counted)} only counts`]),
  ].join('; ');
}

/** Who gets in at a port, and the fence that decides about it; undefined where none does, or several by interface. */
export type PortAccess = Omit<WayReport, 'way'>;

/** Returns who gets in at a port. */
export function accessTo(
  fences: readonly Fence[],
  { protocol, port }: { readonly protocol: PortProtocol; readonly port: number },
): PortAccess {
  const found = portDecisions(fences, protocol).find(({ range }) => range.from <= port && port <= range.to);
  if (found === undefined) throw new Error(`port ${port} is in no range`);
  const rows = rowsOf('', found.decision, { protocol, port });
  const owners = new Set(rows.map(({ owner }) => owner));
  return {
    who: rows.map(({ way, who }) => (way === '' ? who : `${way}: ${who}`)).join('; '),
    owner: owners.size === 1 ? rows[0]?.owner : undefined,
  };
}

/** Returns the same as whoGetsIn(), without the examples. */
export const reportAccess = (fences: readonly Fence[]): WayReport[] =>
  whoGetsIn(fences).map(({ way, who, owner }) => ({ way, who, owner }));
