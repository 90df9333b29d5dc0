import IPCIDR from 'ip-cidr';
import { UsageError } from '../errors.ts';
import type { Bounds } from '../ip/bounds.ts';
import { boundsOfPrefix } from '../ip/bounds.ts';
import { parseAddress } from '../ip/cidr.ts';
import type { Family } from '../ip/family.ts';
import { familyFor } from './address.ts';
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
 * cleared, with a warning in the result. Throws UsageError for anything else.
 *
 * ip-cidr knows the notation, but takes too much: zone ids, "/08", an IPv4 tail that turns the whole into IPv4
 * (https://www.npmjs.com/package/ip-cidr, 4.0.2). So node:net judges the address and the length is read here first.
 */
export function parseNetwork(text: string, where: string): TypedNetwork {
  const [address = '', length, ...more] = text.split('/');
  const family = familyFor(address);
  const bits = length === undefined ? family?.bits : parsePrefixLength(length);
  if (family === undefined || more.length > 0)
    throw unusable(text, where, 'not an IPv4 or IPv6 address or CIDR');
  if (bits === undefined) throw unusable(text, where, `prefix length "${length}" is not a number`);
  if (bits > family.bits) throw unusable(text, where, `prefix length ${bits} is above ${family.bits}`);
  const network = String(new IPCIDR(`${address}/${bits}`).start());
  const words = parseAddress(family, network);
  const typed = parseAddress(family, address);
  if (words === undefined || typed === undefined) throw unusable(text, where, 'not a plain address');
  const meant = `${family.format(words, 0)}/${bits}`;
  const result = { family, words, length: bits, bounds: boundsOfPrefix(family, words, bits), text: meant };
  if (words.every((word, i) => word === typed[i])) return result;
  return { ...result, warning: `${where} "${text}" has host bits set; taken as ${meant}` };
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
