import type { Cidr } from '../../ip/cidr.ts';
import { parseCidr } from '../../ip/cidr.ts';
import type { Family } from '../../ip/family.ts';

/**
 * Reads a network as the kernel's tools tell it into `into`, host bits cleared: without a length where it is a single
 * address, and of IPv6 sometimes with a dotted quad ("::ffff:192.0.2.0/120"). Returns whether the text is one of this
 * family; `into` is of no use when it is not.
 */
export function readNetwork(family: Family, text: string, into: Cidr): boolean {
  const plain = withoutDots(text);
  const bytes = Buffer.from(plain.includes('/') ? plain : `${plain}/${family.bits}`);
  return parseCidr(family, bytes, 0, bytes.length, into) === undefined;
}

/** The lowest half of an IPv6 address in groups as well; any other text as it is. */
const withoutDots = (text: string): string =>
  text.replace(/(?<=:)(\d+)\.(\d+)\.(\d+)\.(\d+)/, (_, ...octets: string[]) => {
    const [a, b, c, d] = octets.slice(0, 4).map((octet) => Number(octet).toString(16).padStart(2, '0'));
    return `${a}${b}:${c}${d}`;
  });
