import type { PortRange } from '../firewall/model.ts';

export type PortProtocol = 'tcp' | 'udp';

/** Ports of one protocol, as a client dials them (before any DNAT). */
export interface ProtocolPorts {
  readonly protocol: PortProtocol;
  readonly ranges: readonly PortRange[];
}

/** The name of an interface, or the beginning of names before a "*": "eth0", "ppp*"; with `not` all others. */
export interface InterfacePattern {
  readonly name: string;
  readonly not?: true;
}

/** Which packets that come in a fence is for. An empty list is for all of them. */
export interface Scope {
  readonly interfaces: readonly InterfacePattern[];
  readonly ports: readonly ProtocolPorts[];
}

/** The scope of a fence that states neither interfaces nor ports. */
export const everything: Scope = { interfaces: [], ports: [] };

/** Where a packet comes in, and what it asks for; `protocol` "other" has no ports. */
export interface Arrival {
  readonly interface: string;
  readonly protocol: PortProtocol | 'other';
  /** Of "other" it says nothing. */
  readonly port: number;
}

/** Whether a packet is in a scope. */
export const covers = (scope: Scope, arrival: Arrival): boolean =>
  coversPort(scope, arrival) && coversInterface(scope, arrival.interface);

/** Whether a scope has a port of a protocol; one without ports has every port, and what has none. */
export const coversPort = ({ ports }: Scope, { protocol, port }: Omit<Arrival, 'interface'>): boolean =>
  ports.length === 0 ||
  ports.some(
    (one) => one.protocol === protocol && one.ranges.some(({ from, to }) => from <= port && port <= to),
  );

/** Whether a scope has an interface; one with nothing but patterns that begin with "not" has all others. */
export function coversInterface({ interfaces }: Scope, name: string): boolean {
  const wanted = interfaces.filter(({ not }) => not !== true);
  return (
    (wanted.length === 0 || wanted.some((pattern) => fits(pattern.name, name))) &&
    !interfaces.some((pattern) => pattern.not === true && fits(pattern.name, name))
  );
}

/** Whether an interface has the name of a pattern, or one that begins so; "not" is not looked at. */
export const isInterfaceOf = (pattern: InterfacePattern, name: string): boolean => fits(pattern.name, name);

/** "ppp*" fits each name that begins with "ppp", and each pattern that stands for some of those alone. */
const fits = (pattern: string, name: string): boolean =>
  pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name;

/**
 * How special a scope is. Of the allow fences that cover a packet the most special one owns it: one with ports and
 * interfaces before one with ports, that before one with interfaces, and that before one with neither.
 */
export const specificity = ({ interfaces, ports }: Scope): number =>
  (ports.length > 0 ? 2 : 0) + (interfaces.length > 0 ? 1 : 0);

/** What two scopes have in common: an example of their interfaces, and of each protocol the ports; [] for all. */
export interface Overlap {
  /** A name or a pattern; undefined where neither names interfaces. */
  readonly interface?: string;
  readonly ports: readonly ProtocolPorts[];
}

/** Returns what two scopes have in common; undefined when no packet is in both. */
export function overlapOf(a: Scope, b: Scope): Overlap | undefined {
  const ports = commonPorts(a.ports, b.ports);
  const shared = commonInterface(a, b);
  if (ports === undefined || shared === undefined) return undefined;
  return shared === '*' ? { ports } : { interface: shared, ports };
}

function commonPorts(
  a: readonly ProtocolPorts[],
  b: readonly ProtocolPorts[],
): readonly ProtocolPorts[] | undefined {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  const common = a.flatMap(({ protocol, ranges }) => {
    const others = b.filter((one) => one.protocol === protocol).flatMap((one) => one.ranges);
    const both = ranges.flatMap((one) => others.flatMap((other) => commonRange(one, other)));
    return both.length === 0 ? [] : [{ protocol, ranges: both }];
  });
  return common.length === 0 ? undefined : common;
}

function commonRange(a: PortRange, b: PortRange): PortRange[] {
  const [from, to] = [Math.max(a.from, b.from), Math.min(a.to, b.to)];
  return from <= to ? [{ from, to }] : [];
}

/** A name, or a pattern, of an interface that both have; "*" where both have all. */
function commonInterface(a: Scope, b: Scope): string | undefined {
  const wanted = ({ interfaces }: Scope): string[] => {
    const names = interfaces.filter(({ not }) => not !== true).map(({ name }) => name);
    return names.length === 0 ? ['*'] : names;
  };
  const both = wanted(a).flatMap((one) => wanted(b).flatMap((other) => narrower(one, other)));
  const unwanted = [...a.interfaces, ...b.interfaces].filter(({ not }) => not === true);
  return both.find((pattern) => !unwanted.some(({ name }) => fits(name, pattern)));
}

/** The one of two patterns that stands for what both stand for. */
const narrower = (a: string, b: string): string[] => (fits(a, b) ? [b] : fits(b, a) ? [a] : []);
