import { ipv4, ipv6 } from '../ip/family.ts';
import { parseHexAddress } from './parse-connections.ts';

/** Of linux/route.h: RTF_GATEWAY and RTF_REJECT. */
const NOT_ON_LINK = 0x2 | 0x200;

/**
 * Returns the IPv4 networks this host is on, as CIDRs, out of /proc/net/route, which has addresses as /proc/net/tcp has
 * them:
 *
 *     Iface  Destination  Gateway   Flags  RefCnt  Use  Metric  Mask      ...
 *     eth0   000200C0     00000000  0001   0       0    0       00FFFFFF
 */
export const parseRoutes = (table: string): string[] =>
  table
    .split('\n')
    .slice(1)
    .map((line) => line.split(/\s+/))
    .filter(([, , , flags = '', , , , mask = '']) => isOnLink(flags) && Number.parseInt(mask, 16) !== 0)
    .map(([, destination = '', , , , , , mask = '']) => {
      const [network, ones] = [parseHexAddress(destination), parseHexAddress(mask)];
      return `${ipv4.format(network.words, 0)}/${Math.clz32(~ones.words[0]!)}`;
    });

const isOnLink = (flags: string): boolean => flags !== '' && (Number.parseInt(flags, 16) & NOT_ON_LINK) === 0;

/**
 * Returns the IPv6 addresses of this host's interfaces, four words each, out of /proc/net/if_inet6:
 *
 *     20010db8000000000000000000000001 02 40 00 80     eth0
 */
export const parseOwnAddresses = (table: string): Int32Array[] => tableLines(table).map(ownAddress);

const tableLines = (table: string): string[] => table.split('\n').filter((line) => line !== '');

const ownAddress = (line: string): Int32Array =>
  Int32Array.from(line.slice(0, 32).match(/.{8}/g) ?? [], (word) => Number.parseInt(word, 16));

/**
 * Returns the IPv6 networks this host is on, as CIDRs with host bits, out of /proc/net/if_inet6, whose third column is
 * the prefix length in hexadecimal; single addresses (/128) are left out.
 */
export const parseOwnNetworks = (table: string): string[] =>
  tableLines(table).flatMap((line) => {
    const length = Number.parseInt(line.split(/\s+/)[2] ?? '', 16);
    return length < ipv6.bits ? [`${ipv6.format(ownAddress(line), 0)}/${length}`] : [];
  });
