import type { Bounds } from './bounds.ts';
import { newCidr, parseCidr } from './cidr.ts';
import { Collector } from './collect.ts';
import type { Family } from './family.ts';

/** Returns the addresses of networks written as CIDRs; throws an Error for the first that is none of the family. */
export function parseNetworks(family: Family, networks: readonly string[]): Bounds {
  const collector = new Collector(family);
  const cidr = newCidr();
  for (const network of networks) {
    // The kind of array zones are read into: code that sees only one kind is faster.
    const bytes = Buffer.from(network);
    const reason = parseCidr(family, bytes, 0, bytes.length, cidr);
    if (reason !== undefined) throw new Error(`"${network}": ${reason}`);
    collector.add(cidr.words, cidr.length);
  }
  return collector.bounds();
}
