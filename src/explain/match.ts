import type { Match, PortRange, SetState } from '../firewall/model.ts';
import { connectionKey } from '../firewall/connection-key.ts';
import { contains } from '../ip/bounds.ts';
import { parseNetworks } from '../ip/networks.ts';
import type { Traffic } from './packet.ts';

const MAX_PORT = 65_535;

/** Whether a condition holds; undefined when too little is known of the packet. */
export type Answer = boolean | undefined;

/** Asks where the source of the packet is: in a set, or in a network. */
export interface AskSource {
  readonly isInSet: (set: string) => boolean;
  readonly isInNetwork: (network: string) => boolean;
  /** Its address in words; undefined where packets of many sources are asked about. */
  readonly address: string | undefined;
  /** The sets that it, or its connection, was put into on the way. */
  readonly added: Set<string>;
}

/**
 * Whether all conditions of a rule hold for traffic; false as soon as one fails, else undefined when one cannot be
 * told. Conditions are asked in order and `source`, as the kernel does, not after one that failed.
 */
export function holds(
  matches: readonly Match[],
  traffic: Traffic,
  sets: ReadonlyMap<string, SetState>,
  source: AskSource,
): Answer {
  let isKnown = true;
  for (const match of matches) {
    const answer = holdsOne(match, traffic, sets, source);
    if (answer === false) return false;
    isKnown &&= answer !== undefined;
  }
  return isKnown ? true : undefined;
}

function holdsOne(
  match: Match,
  traffic: Traffic,
  sets: ReadonlyMap<string, SetState>,
  source: AskSource,
): Answer {
  switch (match.on) {
    case 'interface':
      return unless(match.not, isInterface(match, traffic.interface));
    case 'state':
      return unless(match.not, match.states.includes(traffic.state));
    case 'protocol':
      return unless(match.not, match.protocol === traffic.protocol);
    case 'ports':
      return arePorts(match, traffic);
    case 'tcp-flags':
      return areFlags(match, traffic);
    case 'icmp':
      return traffic.protocol === 'icmp' && sameIfKnown(traffic.icmpType, match.type);
    case 'hop-limit':
      return sameIfKnown(traffic.hops, match.hops);
    case 'address':
      return unless(match.not, isAddress(match, traffic, source));
    case 'address-type':
      if (match.side === 'source' || traffic.destinationType === undefined) return undefined;
      return match.types.includes(traffic.destinationType);
    case 'set':
      return isInSet(match, traffic, sets, source);
    case 'socket':
      return traffic.hasSocket === true;
    case 'rate':
      return undefined;
    case 'source-rate':
      // One packet is above no rate.
      return false;
  }
}

const unless = (not: true | undefined, answer: Answer): Answer =>
  answer === undefined ? undefined : answer !== (not === true);

const sameIfKnown = (known: number | undefined, wanted: number): Answer =>
  known === undefined ? undefined : known === wanted;

function isInterface({ way, name }: Extract<Match, { on: 'interface' }>, known: string | undefined): Answer {
  // Where packets come in nobody knows yet where they will go out.
  if (way === 'out' || name === 'lo') return false;
  if (known === undefined) return undefined;
  return name.endsWith('*') ? known.startsWith(name.slice(0, -1)) : known === name;
}

function arePorts(
  { protocol, source, destination }: Extract<Match, { on: 'ports' }>,
  traffic: Traffic,
): Answer {
  if (protocol !== traffic.protocol) return false;
  const answers = [isOneOf(source, traffic.sourcePort), isOneOf(destination, traffic.port)];
  if (answers.includes(false)) return false;
  return answers.includes(undefined) ? undefined : true;
}

function isOneOf(ranges: readonly PortRange[] | undefined, port: number | undefined): Answer {
  if (ranges === undefined) return true;
  if (port === undefined) return undefined;
  return ranges.some(({ from, to }) => from <= port && port <= to);
}

function areFlags(
  { mask, set, not }: Extract<Match, { on: 'tcp-flags' }>,
  { protocol, flags }: Traffic,
): Answer {
  if (protocol !== 'tcp') return false;
  const areSet = flags && mask.every((flag) => flags.includes(flag) === set.includes(flag));
  return unless(not, areSet);
}

function isAddress(
  { side, network }: Extract<Match, { on: 'address' }>,
  { family, destination }: Traffic,
  source: AskSource,
): Answer {
  if (side === 'source') return source.isInNetwork(network);
  return destination === undefined ? undefined : contains(parseNetworks(family, [network]), destination);
}

/** A set that is missing, or of the other family, holds nobody. */
function isInSet(
  { set, side, isInside }: Extract<Match, { on: 'set' }>,
  traffic: Traffic,
  sets: ReadonlyMap<string, SetState>,
  source: AskSource,
): Answer {
  const { family, destination } = traffic;
  if (side !== 'destination' && source.added.has(set)) return isInside;
  if (side === 'source') return source.isInSet(set) === isInside;
  if (side === 'connection')
    return unless(isInside ? undefined : true, isConnection(sets.get(set), traffic, source));
  const { bounds, shape, timed } = sets.get(set) ?? {};
  if (shape?.kind === 'ports') return isPort(timed, traffic) === isInside;
  if (bounds === undefined || bounds.family !== family) return !isInside;
  return destination === undefined ? undefined : contains(bounds, destination) === isInside;
}

/** A port that is not known is one like most: in the set if all are. */
const isPort = (ports: SetState['timed'], { protocol, port }: Traffic): boolean => {
  if (ports === undefined || (protocol !== 'tcp' && protocol !== 'udp')) return false;
  return port === undefined ? ports.size > MAX_PORT : ports.has(String(port));
};

function isConnection(
  found: SetState | undefined,
  { family, protocol, sourcePort, destination }: Traffic,
  { address }: AskSource,
): Answer {
  const { connections, shape } = found ?? {};
  if (connections === undefined || shape?.family !== family || protocol !== 'tcp') return false;
  if (connections.size === 0) return false;
  if (address === undefined || sourcePort === undefined || destination === undefined) return undefined;
  return connections.has(connectionKey(address, sourcePort, family.format(destination, 0)));
}
