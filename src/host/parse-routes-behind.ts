import type { Route } from './route-table.ts';
import { networkOf, parseRoutes4, parseRoutes6 } from './route-table.ts';

/** Of linux/route.h and ipv6_route.h: RTF_REJECT, RTF_ANYCAST and RTF_LOCAL, by which nothing goes to other machines. */
const TO_NOBODY = 0x200 | 0x100000 | 0x80000000;

/**
 * A network of no longer prefix leads to the Internet, as a default route does: clients of a VPN add halves or quarters
 * of it (0.0.0.0/1 and 128.0.0.0/1; ::/3, 2000::/4 and 3000::/4) to overrule the default route without removing it.
 */
const OUTSIDE_LENGTH = 3;

/**
 * Returns the networks that lie behind this host, as CIDRs, out of /proc/net/route: those it reaches through devices
 * without a route to the Internet. [] where no device has one, for nothing tells then what is behind.
 */
export const networksBehind4 = (table: string): string[] => behind(parseRoutes4(table));

/** Returns the IPv6 networks that lie behind this host, out of /proc/net/ipv6_route, as networksBehind4() does. */
export const networksBehind6 = (table: string): string[] => behind(parseRoutes6(table));

function behind(all: readonly Route[]): string[] {
  const routes = all.filter(({ flags }) => (flags & TO_NOBODY) === 0);
  const outside = new Set(
    routes.filter(({ length }) => length <= OUTSIDE_LENGTH).map(({ device }) => device),
  );
  if (outside.size === 0) return [];
  return routes.filter(({ device }) => device !== 'lo' && !outside.has(device)).map(networkOf);
}
