import { ipv6 } from '../ip/family.ts';
import { networkOf, parseIPv6Words, parseRoutes4 } from './route-table.ts';

/** Of linux/route.h: RTF_GATEWAY and RTF_REJECT. */
const NOT_ON_LINK = 0x2 | 0x200;

/** Returns the IPv4 networks this host is on, as CIDRs, out of /proc/net/route. */
export const parseOwnNetworks4 = (table: string): string[] =>
  parseRoutes4(table)
    .filter(({ flags, length }) => (flags & NOT_ON_LINK) === 0 && length > 0)
    .map(networkOf);

/**
 * Returns the IPv6 addresses of this host's interfaces, four words each, out of /proc/net/if_inet6:
 *
 *     20010db8000000000000000000000001 02 40 00 80     eth0
 */
export const parseOwnAddresses = (table: string): Int32Array[] => tableLines(table).map(ownAddress);

const tableLines = (table: string): string[] => table.split('\n').filter((line) => line !== '');

const ownAddress = (line: string): Int32Array => parseIPv6Words(line.slice(0, 32));

/**
 * Returns the IPv6 networks this host is on, as CIDRs with host bits, out of /proc/net/if_inet6, whose third column is
 * the prefix length in hexadecimal; single addresses (/128) are left out.
 */
export const parseOwnNetworks6 = (table: string): string[] =>
  tableLines(table).flatMap((line) => {
    const length = Number.parseInt(line.split(/\s+/)[2] ?? '', 16);
    return length < ipv6.bits ? [`${ipv6.format(ownAddress(line), 0)}/${length}`] : [];
  });
