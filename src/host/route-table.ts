import { ipv4, ipv6 } from '../ip/family.ts';
import { parseHexAddress } from './parse-connections.ts';

/** A route of the kernel's. */
export interface Route {
  readonly device: string;
  /** Of linux/route.h and ipv6_route.h. */
  readonly flags: number;
  readonly network: string;
  readonly length: number;
}

/**
 * Returns the routes of /proc/net/route, which has addresses as /proc/net/tcp has them, below a line of titles:
 *
 *     Iface  Destination  Gateway   Flags  RefCnt  Use  Metric  Mask      ...
 *     eth0   000200C0     00000000  0001   0       0    0       00FFFFFF
 */
export const parseRoutes4 = (table: string): Route[] =>
  linesOf(table)
    .slice(1)
    .map(([device = '', destination = '', , flags = '', , , , mask = '']) => ({
      device,
      flags: Number.parseInt(flags, 16),
      network: ipv4.format(parseHexAddress(destination).words, 0),
      length: Math.clz32(~parseHexAddress(mask).words[0]!),
    }));

/**
 * Returns the routes of /proc/net/ipv6_route: network, length, source, its length, gateway, three counters, flags,
 * device.
 *
 *     20010db8000000000000000000000000 40 00...0 00 00...0 00000100 00000001 00000000 00000001     eth1
 */
export const parseRoutes6 = (table: string): Route[] =>
  linesOf(table).map(([destination = '', length = '', , , , , , , flags = '', device = '']) => ({
    device,
    flags: Number.parseInt(flags, 16),
    network: ipv6.format(parseIPv6Words(destination), 0),
    length: Number.parseInt(length, 16),
  }));

/** A network as a CIDR. */
export const networkOf = ({ network, length }: Route): string => `${network}/${length}`;

const linesOf = (table: string): string[][] =>
  table
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((words) => words.length > 1);

/** Reads an IPv6 address of /proc/net/ipv6_route or if_inet6: 32 hexadecimal digits in the order of the network. */
export const parseIPv6Words = (hex: string): Int32Array =>
  Int32Array.from(hex.match(/.{8}/g) ?? [], (word) => Number.parseInt(word, 16));
