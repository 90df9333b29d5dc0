import { isIP } from 'node:net';
import { UsageError } from '../errors.ts';
import { parseAddress } from '../ip/cidr.ts';
import type { Family } from '../ip/family.ts';
import { ipv4, ipv6 } from '../ip/family.ts';
import { isMappedIPv4 } from '../ip/ipv6.ts';

/** Reads an address that a person asks about; ::ffff:192.0.2.7 is an IPv4 one. Throws UsageError for anything else. */
export function parseTypedAddress(text: string): { family: Family; words: Int32Array } {
  const plain = text.replace(/^::ffff:(?=\d+\.)/i, '');
  const family = familyFor(plain);
  const words = family === undefined ? undefined : parseAddress(family, plain);
  if (family === undefined || words === undefined) {
    throw new UsageError(`Cannot check "${text}": not an IPv4 or IPv6 address, nor a host name`);
  }
  return family === ipv6 && isMappedIPv4(words)
    ? { family: ipv4, words: words.subarray(3) }
    : { family, words };
}

/**
 * Whether a text is a host name (RFC 1123 section 2.1), with the underscores people use. The last label of a name has a
 * letter: 192.0.2.300 is none.
 */
export const isHostName = (text: string): boolean =>
  text.length <= 253 &&
  /^(?:[a-z\d_](?:[a-z\d_-]{0,61}[a-z\d_])?\.)*(?=[\d-]*[a-z])[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?\.?$/i.test(
    text,
  );

/**
 * Returns the family of an address that a person typed, by node:net; undefined for anything else, zone ids included.
 */
export function familyFor(address: string): Family | undefined {
  if (address.includes('%')) return undefined;
  const version = isIP(address);
  return version === 4 ? ipv4 : version === 6 ? ipv6 : undefined;
}
