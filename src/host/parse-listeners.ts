import type { Family } from '../ip/family.ts';
import { ipv4, ipv6 } from '../ip/family.ts';
import { isLoopback, parseHexAddress } from './parse-connections.ts';
import { socketsIn, socketStates } from './socket-table.ts';

/** A port on which something waits for packets from other hosts. */
export interface Listener {
  readonly protocol: 'tcp' | 'udp';
  readonly port: number;
  readonly family: Family;
}

/** The state of a socket that waits for packets; a UDP socket without a peer has that of a closed one. */
const waiting = { tcp: socketStates.listen, udp: socketStates.close };

/**
 * Returns the ports open to other hosts, out of the text of /proc/net/tcp, tcp6, udp or udp6; DHCP clients are left
 * out. Whoever listens on "::" is reached by IPv4 too, unless the socket says otherwise (IPV6_V6ONLY), which /proc does
 * not tell.
 */
export function parseListeners(protocol: Listener['protocol'], table: string): Listener[] {
  const listeners: Listener[] = [];
  for (const { localAddress, localPort: port } of socketsIn(table, waiting[protocol])) {
    const address = parseHexAddress(localAddress);
    if (isLoopback(address)) continue;
    const isOfBoth = address.family === ipv6 && address.words.every((word) => word === 0);
    for (const family of isOfBoth ? [ipv4, ipv6] : [address.family]) {
      const listener = { protocol, port, family };
      if (!isDhcpClient(listener)) listeners.push(listener);
    }
  }
  return listeners;
}

/** It waits for the answers that the fence always lets in, and for nothing else. */
const isDhcpClient = ({ protocol, port, family }: Listener): boolean =>
  protocol === 'udp' && port === (family === ipv4 ? 68 : 546);

/** Returns each listener once, sorted by protocol, port and family. */
export function distinctListeners(listeners: readonly Listener[]): Listener[] {
  const keyOf = ({ protocol, port, family }: Listener): string =>
    `${protocol} ${String(port).padStart(5)} ${family.version}`;
  const byKey = new Map(listeners.map((listener) => [keyOf(listener), listener]));
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, listener]) => listener);
}
