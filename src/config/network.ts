import IPCIDR from 'ip-cidr';
import { UsageError } from '../errors.ts';
import type { Bounds } from '../ip/bounds.ts';
import { boundsOfPrefix } from '../ip/bounds.ts';
import { parseAddress } from '../ip/cidr.ts';
import type { Family } from '../ip/family.ts';
import { ipv4 } from '../ip/family.ts';
import { familyFor, mappedIPv4 } from './address.ts';
import { wordsIn } from './values.ts';

/** A network as a person typed it. */
export interface TypedNetwork {
  readonly family: Family;
  /** The network address, host bits cleared. */
  readonly words: Int32Array;
  readonly length: number;
  readonly bounds: Bounds;
  /** Its canonical text: "192.0.2.0/24". */
  readonly text: string;
  /** What was changed to make sense of it, as a sentence. */
  readonly warning?: string;
}

/**
 * Reads an address or a CIDR that a person typed; `where` names the place in messages ("--allow-subnet"). Host bits are
 * cleared and IPv4-mapped addresses taken for the IPv4 ones they stand for, with a warning in the result. Throws
 * UsageError for anything else.
 *
 * ip-cidr knows the notation, but takes too much: zone ids, "/08", an IPv4 tail that turns the whole into IPv4
 * (https://www.npmjs.com/package/ip-cidr, 4.0.2). So node:net judges the address and the length is read here first.
 */
export function parseNetwork(text: string, where: string): TypedNetwork {
  const { address, family, bits } = splitNetwork(text, where);
  const mapped = mappedIPv4(address);
  if (mapped !== undefined && bits < MAPPED_BITS)
    throw unusable(text, where, `it holds more than the IPv4-mapped addresses, ::ffff:0:0/${MAPPED_BITS}`);
  const plain =
    mapped === undefined ? parsePlain(family, address, bits) : parsePlain(ipv4, mapped, bits - MAPPED_BITS);
  if (plain === undefined) throw unusable(text, where, 'not a plain address');
  const { hasHostBits, ...network } = plain;
  if (mapped === undefined && !hasHostBits) return network;
  const change = mapped === undefined ? 'has host bits set' : 'is of IPv4';
  return { ...network, warning: `${where} "${text}" ${change}; taken as ${network.text}` };
}

function splitNetwork(
  text: string,
  where: string,
): { readonly address: string; readonly family: Family; readonly bits: number } {
  const [address = '', length, ...more] = text.split('/');
  const family = familyFor(address);
  if (family === undefined || more.length > 0)
    throw unusable(text, where, 'not an IPv4 or IPv6 address or CIDR');
  const bits = length === undefined ? family.bits : parsePrefixLength(length);
  if (bits === undefined) throw unusable(text, where, `prefix length "${length}" is not a number`);
  if (bits > family.bits) throw unusable(text, where, `prefix length ${bits} is above ${family.bits}`);
  return { address, family, bits };
}

/** How many bits stand before an IPv4 address in an IPv4-mapped one (RFC 4291 section 2.5.5.2). */
const MAPPED_BITS = 96;

/** A network without a dotted quad in an IPv6 address, over which ip-cidr stumbles. */
function parsePlain(
  family: Family,
  address: string,
  length: number,
): (TypedNetwork & { readonly hasHostBits: boolean }) | undefined {
  const typed = parseAddress(family, address);
  if (typed === undefined) return undefined;
  const words = parseAddress(family, String(new IPCIDR(`${address}/${length}`).start()));
  if (words === undefined) return undefined;
  return {
    family,
    words,
    length,
    bounds: boundsOfPrefix(family, words, length),
    text: `${family.format(words, 0)}/${length}`,
    hasHostBits: words.some((word, i) => word !== typed[i]),
  };
}

/**
 * Returns the canonical texts of the networks that allow_subnets names, of which a text may hold several: "192.0.2.7" is
 * 192.0.2.7/32. Throws UsageError for a word that is no network.
 */
export const networksIn = (texts: readonly string[]): string[] =>
  texts.flatMap(wordsIn).map((word) => parseNetwork(word, 'allow_subnets').text);

const parsePrefixLength = (text: string): number | undefined =>
  /^(0|[1-9]\d{0,2})$/.test(text) ? Number(text) : undefined;

const unusable = (text: string, where: string, reason: string): UsageError =>
  new UsageError(
    `Cannot use ${where} "${text}": ${reason}`,
    'examples: 192.0.2.7, 192.0.2.0/24, 2001:db8::/32',
  );
