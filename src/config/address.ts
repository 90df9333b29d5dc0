import { isIP, isIPv4, isIPv6 } from 'node:net';
import { UsageError } from '../errors.ts';
import { parseAddress } from '../ip/cidr.ts';
import type { Family } from '../ip/family.ts';
import { ipv4, ipv6 } from '../ip/family.ts';
import { isMappedIPv4 } from '../ip/ipv6.ts';

/** Reads an address that a person asks about; ::ffff:192.0.2.7 is an IPv4 one. Throws UsageError for anything else. */
export function parseTypedAddress(text: string): { family: Family; words: Int32Array } {
  const plain = mappedIPv4(text) ?? text;
  const family = familyFor(plain);
  const words = family === undefined ? undefined : parseAddress(family, plain);
  if (family === undefined || words === undefined) {
    throw new UsageError(`Cannot check "${text}": not an IPv4 or IPv6 address, nor a host name`);
  }
  return { family, words };
}

/** Returns the IPv4 address in an IPv4-mapped one (::ffff:192.0.2.7, ::ffff:c000:207), undefined for any other text. */
export function mappedIPv4(text: string): string | undefined {
  const [, quad] = /^(?:::|(?:0{1,4}:){5})ffff:(\d+(?:\.\d+){3})$/i.exec(text) ?? [];
  if (quad !== undefined) return isIPv4(quad) ? quad : undefined;
  const words = isIPv6(text) ? parseAddress(ipv6, text) : undefined;
  return words !== undefined && isMappedIPv4(words) ? ipv4.format(words, 3) : undefined;
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
