import type { Bounds } from '../ip/bounds.ts';
import { newCidr, parseCidr } from '../ip/cidr.ts';
import { Collector } from '../ip/collect.ts';
import type { Family } from '../ip/family.ts';

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

/** The addresses of a family that are in no country. */
export function localBounds(family: Family): Bounds {
  const collector = new Collector(family);
  const cidr = newCidr();
  for (const text of local[family.name]) {
    // The kind of array zones are read into: code that sees only one kind is faster.
    const bytes = Buffer.from(text);
    const reason = parseCidr(family, bytes, 0, bytes.length, cidr);
    if (reason !== undefined) throw new Error(`${text}: ${reason}`);
    collector.add(cidr.words, cidr.length);
  }
  return collector.bounds();
}
