import { familyOf, parseAddress } from '../ip/cidr.ts';
import type { Address } from './parse-connections.ts';

/** Reads an address as sshd and logind tell where somebody is, with a zone id or without; undefined for a host name. */
export function parseHost(text: string): Address | undefined {
  const [address = ''] = text.split('%');
  const family = familyOf(address);
  const words = parseAddress(family, address);
  return words && { family, words };
}
