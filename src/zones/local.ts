import type { Bounds } from '../ip/bounds.ts';
import type { Family } from '../ip/family.ts';
import { parseNetworks } from '../ip/networks.ts';

/**
 * Space that is in no country: the entries of the IANA special-purpose registries (RFC 6890) that are not globally
 * reachable. As sources they are local: LANs, VPNs, containers, link-local talk.
 *
 * Left out on purpose: the documentation ranges, which belong to nobody's LAN and are what tests and examples use;
 * and what the registry calls globally reachable inside 2001::/23 (AS112, AMT, ORCHIDv2, Teredo).
 */
const local: Record<Family['name'], readonly string[]> = {
  ipv4: [
    '0.0.0.0/8', // "this network" (RFC 791): the source of a DHCP client
    '10.0.0.0/8', // private (RFC 1918)
    '100.64.0.0/10', // carrier-grade NAT (RFC 6598)
    '127.0.0.0/8', // loopback
    '169.254.0.0/16', // link-local (RFC 3927)
    '172.16.0.0/12', // private (RFC 1918)
    '192.0.0.0/24', // IETF protocol assignments (RFC 6890)
    '192.168.0.0/16', // private (RFC 1918)
    '198.18.0.0/15', // benchmarking (RFC 2544)
    '224.0.0.0/4', // multicast
    '240.0.0.0/4', // reserved, and the limited broadcast address
  ],
  ipv6: [
    '::/127', // unspecified (duplicate address detection) and loopback (RFC 4291)
    '::ffff:0:0/96', // IPv4-mapped (RFC 4291)
    '64:ff9b:1::/48', // NAT64 for local use (RFC 8215)
    '100::/64', // discard-only (RFC 6666)
    '2001:2::/48', // benchmarking (RFC 5180)
    '5f00::/16', // segment routing SIDs (RFC 9602)
    'fc00::/7', // unique local (RFC 4193)
    'fe80::/10', // link-local (RFC 4291)
    'fec0::/10', // site-local, deprecated (RFC 3879)
    'ff00::/8', // multicast
  ],
};

/**
 * Of no use as a source, or no source at all: duplicate address detection has a rule of its own, and whoever sends from
 * "::ffff:192.0.2.1" or from the discard prefix has no business with anybody. Their lengths would make each lookup in a
 * set of IPv6 networks dearer.
 */
const useless: readonly string[] = ['::/127', '::ffff:0:0/96', '100::/64'];

/** The addresses of a family that are in no country: private, link-local, loopback, multicast and the like. */
export const localBounds = (family: Family): Bounds => parseNetworks(family, local[family.name]);

/**
 * The local addresses of a family that fences spare, without those of no use as a source: geography says nothing about
 * a LAN, a VPN or a container.
 */
export const sparedBounds = (family: Family): Bounds =>
  parseNetworks(
    family,
    local[family.name].filter((network) => !useless.includes(network)),
  );
