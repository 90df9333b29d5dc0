import { tryRead } from '../errors.ts';
import type { Family } from '../ip/family.ts';
import { ipv4, ipv6 } from '../ip/family.ts';
import type { System } from '../system/system.ts';

const switches: readonly (readonly [Family, string])[] = [
  [ipv4, '/proc/sys/net/ipv4/ip_forward'],
  [ipv6, '/proc/sys/net/ipv6/conf/all/forwarding'],
];

/**
 * Returns the families that this host forwards, as a router or for containers; one whose switch cannot be read counts
 * as not forwarded.
 */
export async function readForwarding({ readText }: Pick<System, 'readText'>): Promise<Family[]> {
  const found = [];
  for (const [family, path] of switches)
    if ((await tryRead(readText(path)))?.trim() === '1') found.push(family);
  return found;
}
