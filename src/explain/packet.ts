import type { AddressType, ConnState, Protocol, TcpFlag } from '../firewall/model.ts';
import type { Family } from '../ip/family.ts';

/** What is known of packets that come in, apart from where they come from; what is not stated is not known. */
export interface Traffic {
  readonly family: Family;
  readonly protocol: Protocol;
  readonly state: ConnState;
  readonly port?: number;
  readonly sourcePort?: number;
  readonly flags?: readonly TcpFlag[];
  readonly icmpType?: number;
  readonly hops?: number;
  /** Never "lo": nobody fences what a host says to itself. */
  readonly interface?: string;
  readonly destination?: Int32Array;
  readonly destinationType?: AddressType;
  /** Whether it belongs to an open socket of this host. */
  readonly hasSocket?: boolean;
}

/** The first packet of a connection that comes in as the example does. */
export function packetLike(
  family: Family,
  { protocol, port, ...rest }: Pick<Traffic, 'protocol' | 'port' | 'interface'>,
): Traffic {
  const isOfPort = protocol === 'tcp' || protocol === 'udp';
  return {
    ...(isOfPort ? newConnection(family, port, protocol) : { family, protocol, state: 'NEW' }),
    ...rest,
  };
}

export interface Packet extends Traffic {
  readonly source: Int32Array;
}

/** The traffic that begins a connection to a port, or to any port: of TCP a SYN, of UDP a packet in state NEW. */
export const newConnection = (family: Family, port?: number, protocol: 'tcp' | 'udp' = 'tcp'): Traffic => ({
  family,
  protocol,
  state: 'NEW',
  ...(protocol === 'tcp' ? { flags: ['SYN'] } : {}),
  ...(port === undefined ? {} : { port }),
});
