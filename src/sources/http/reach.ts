import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { isIP } from 'node:net';
import { mappedIPv4 } from '../../config/address.ts';
import { contains } from '../../ip/bounds.ts';
import { familyOf, parseAddress } from '../../ip/cidr.ts';
import { ipv4, ipv6 } from '../../ip/family.ts';
import { parseNetworks } from '../../ip/networks.ts';
import { localBounds } from '../../zones/local.ts';
import { HopelessError } from './error.ts';

/** How far an address reaches, where that is not the whole Internet. */
export type Reach = 'loopback' | 'link-local' | 'private';

const loopback = { ipv4: parseNetworks(ipv4, ['127.0.0.0/8']), ipv6: parseNetworks(ipv6, ['::1/128']) };
const linkLocal = { ipv4: parseNetworks(ipv4, ['169.254.0.0/16']), ipv6: parseNetworks(ipv6, ['fe80::/10']) };

/**
 * Returns how far an address reaches; undefined for one of the Internet. "0.0.0.0" and "::" are this host itself. What
 * cannot be read as an address counts as private.
 */
function reachOf(text: string): Reach | undefined {
  const [plain = ''] = text.split('%');
  const address = mappedIPv4(plain) ?? plain;
  const family = familyOf(address);
  const words = parseAddress(family, address);
  if (words === undefined) return 'private';
  if (contains(loopback[family.name], words) || words.every((word) => word === 0)) return 'loopback';
  if (contains(linkLocal[family.name], words)) return 'link-local';
  return contains(localBounds(family), words) ? 'private' : undefined;
}

/** Returns how far the address in a URL reaches; undefined for one of the Internet, and for a name. */
export function reachOfUrl(url: string): Reach | undefined {
  const host = new URL(url).hostname.replaceAll(/[[\]]/g, '');
  return isIP(host) === 0 ? undefined : reachOf(host);
}

/**
 * Returns a lookup of names that hands every address it finds to `check`, and fails with the HopelessError that it
 * throws. The connection is made to what was checked: a name that resolves to something else a moment later gains
 * nothing.
 */
export const checkedLookup =
  (check: (host: string, reach: Reach | undefined) => void): LookupFunction =>
  (host, options, callback) => {
    lookup(host, { ...options, all: true }, (error, addresses) => {
      const problem = error ?? tryCheck(host, addresses, check);
      const [first] = addresses ?? [];
      if (problem !== undefined || first === undefined) callback(problem ?? null, '', 0);
      else if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };

function tryCheck(
  host: string,
  addresses: readonly LookupAddress[],
  check: (host: string, reach: Reach | undefined) => void,
): Error | undefined {
  try {
    for (const { address } of addresses) check(host, reachOf(address));
    return undefined;
  } catch (error) {
    return error as HopelessError;
  }
}

/** Throws HopelessError unless a redirect may lead to a host that reaches so far: where the mirror is itself. */
export function checkReach(host: string, reach: Reach | undefined, allowed: ReadonlySet<Reach>): void {
  if (reach === undefined || allowed.has(reach)) return;
  throw new HopelessError(`redirected to ${host}, which is a ${reach} address, where the source is not`);
}
