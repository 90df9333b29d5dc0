import type { Family } from '../ip/family.ts';
import { ipv4, ipv6 } from '../ip/family.ts';
import { isMappedIPv4 } from '../ip/ipv6.ts';
import { connectionKey } from '../firewall/connection-key.ts';
import { openStates, socketsIn, socketStates } from './socket-table.ts';

/** An address of either family. */
export interface Address {
  readonly family: Family;
  readonly words: Int32Array;
}

/** Whether an address is in 127.0.0.0/8 or is ::1. */
export const isLoopback = ({ family, words }: Address): boolean =>
  family === ipv4 ? words[0]! >>> 24 === 127 : words.every((word, k) => word === (k === 3 ? 1 : 0));

/** A TCP connection of this host. */
export interface Connection {
  readonly localPort: number;
  readonly peer: Address;
}

/**
 * Returns the established TCP connections that others opened, out of the texts of /proc/net/tcp and tcp6: those to a
 * local port that a socket in any of the tables listens on.
 */
export function parseInbound(tables: readonly string[]): Connection[] {
  const listening = tables.flatMap((table) => socketsIn(table, socketStates.listen));
  const ports = new Set(listening.map(({ localPort }) => localPort));
  return tables.flatMap((table) => connectionsTo(ports, table));
}

/**
 * Returns the TCP connections that are open or about to be, whoever opened them, out of the texts of /proc/net/tcp and
 * tcp6, as connectionKey() names them; those over loopback are left out.
 */
export function parseOpen(tables: readonly string[]): Map<Family, string[]> {
  const found = new Map<Family, string[]>([
    [ipv4, []],
    [ipv6, []],
  ]);
  for (const socket of tables.flatMap((table) => socketsIn(table, ...openStates))) {
    const [peer, own] = [parseHexAddress(socket.remoteAddress), parseHexAddress(socket.localAddress)];
    if (isLoopback(peer)) continue;
    const [from, to] = [peer, own].map(({ family, words }) => family.format(words, 0));
    found.get(peer.family)!.push(connectionKey(from!, socket.remotePort, to!));
  }
  return found;
}

/** A busy host has many connections to other ports: their addresses are not read. */
const connectionsTo = (ports: ReadonlySet<number>, table: string): Connection[] =>
  socketsIn(table, socketStates.established)
    .filter(({ localPort }) => ports.has(localPort))
    .map(({ localPort, remoteAddress }) => ({ localPort, peer: parseHexAddress(remoteAddress) }));

/**
 * Reads an address of /proc/net/tcp: 8 or 32 hexadecimal digits, words of 32 bits in the byte order of the host. A
 * socket of both families has IPv4 peers as ::ffff:a.b.c.d: they are returned as IPv4.
 */
export function parseHexAddress(hex: string): Address {
  const numbers = hex.match(/.{8}/g)?.map((word) => Number.parseInt(word, 16)) ?? [];
  const bytes = new DataView(Int32Array.from(numbers).buffer);
  const words = Int32Array.from(numbers, (_, i) => bytes.getUint32(4 * i));
  if (words.length === 1) return { family: ipv4, words };
  return isMappedIPv4(words) ? { family: ipv4, words: words.subarray(3) } : { family: ipv6, words };
}
