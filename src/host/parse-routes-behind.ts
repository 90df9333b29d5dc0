import { ipv4, ipv6 } from '../ip/family.ts';
import { parseHexAddress } from './parse-connections.ts';

interface Route {
  readonly device: string;
  readonly network: string;
  readonly length: number;
}

/** Of linux/route.h and ipv6_route.h: RTF_REJECT, RTF_ANYCAST and RTF_LOCAL, by which nothing goes to other machines. */
const TO_NOBODY = [0x200, 0x100000, 0x80000000];

/**
 * A network of no longer prefix leads to the Internet, as a default route does: clients of a VPN add halves or quarters
 * of it (0.0.0.0/1 and 128.0.0.0/1; ::/3, 2000::/4 and 3000::/4) to overrule the default route without removing it.
 */
const OUTSIDE_LENGTH = 3;

/**
 * Returns the networks that lie behind this host, as CIDRs, out of /proc/net/route: those it reaches through devices
 * without a route to the Internet. [] where no device has one, for nothing tells then what is behind.
 *
 *     Iface  Destination  Gateway   Flags  RefCnt  Use  Metric  Mask      ...
 *     eth1   000200C0     00000000  0001   0       0    0       00FFFFFF
 */
export const networksBehind4 = (table: string): string[] =>
  behind(
    linesOf(table)
      .slice(1)
      .filter(([, , , flags = '']) => leadsOn(flags))
      .map(([device = '', destination = '', , , , , , mask = '']) => ({
        device,
        network: ipv4.format(parseHexAddress(destination).words, 0),
        length: Math.clz32(~parseHexAddress(mask).words[0]!),
      })),
  );

/**
 * The same of IPv6, out of /proc/net/ipv6_route: network, length, source, its length, gateway, three counters, flags,
 * device.
 *
 *     20010db8000000000000000000000000 40 00...0 00 00...0 00000100 00000001 00000000 00000001     eth1
 */
export const networksBehind6 = (table: string): string[] =>
  behind(
    linesOf(table)
      .filter(([, , , , , , , , flags = '']) => leadsOn(flags))
      .map(([destination = '', length = '', , , , , , , , device = '']) => ({
        device,
        network: ipv6.format(wordsOf(destination), 0),
        length: Number.parseInt(length, 16),
      })),
  );

const linesOf = (table: string): string[][] =>
  table
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((words) => words.length > 1);

const leadsOn = (flags: string): boolean => {
  const bits = Number.parseInt(flags, 16) >>> 0;
  return !TO_NOBODY.some((bit) => (bits & bit) !== 0);
};

const wordsOf = (hex: string): Int32Array =>
  Int32Array.from(hex.match(/.{8}/g) ?? [], (word) => Number.parseInt(word, 16));

function behind(routes: readonly Route[]): string[] {
  const outside = new Set(
    routes.filter(({ length }) => length <= OUTSIDE_LENGTH).map(({ device }) => device),
  );
  if (outside.size === 0) return [];
  return routes
    .filter(({ device }) => device !== 'lo' && !outside.has(device))
    .map(({ network, length }) => `${network}/${length}`);
}
