import fc from 'fast-check';
import type { Packet } from '../../src/explain/packet.ts';
import type { Bounds } from '../../src/ip/bounds.ts';
import { parseAddress } from '../../src/ip/cidr.ts';
import type { Family } from '../../src/ip/family.ts';
import { families, ipv4 } from '../../src/ip/family.ts';
import { parseNetworks } from '../../src/ip/networks.ts';
import type { Fence, Policy } from '../../src/policy/policy.ts';
import type { Arrival } from '../../src/policy/scope.ts';
import { MOST_FENCES, anyFences } from './any-fences.ts';
import { policyOf } from './states.ts';

/** Addresses by their number. */
export const networks = (family: Family, digits: readonly number[]): Bounds =>
  parseNetworks(
    family,
    digits.map((n) => (family === ipv4 ? `192.0.2.${n}/32` : `2001:db8::${n}/128`)),
  );

/** The address with a number: 192.0.2.1, 2001:db8::1. */
export const addressOf = (family: Family, n: number): Int32Array =>
  parseAddress(family, family === ipv4 ? `192.0.2.${n}` : `2001:db8::${n}`)!;

/** Country "C1" has address 1 of each family, and so on. */
export const boundsOf = ({ countries }: Fence, family: Family): Bounds =>
  networks(family, countries === 'everyone' ? [] : countries.map((code) => Number(code.slice(1))));

const anyDetails = fc.record({
  codes: fc.uniqueArray(fc.constantFrom('C1', 'C2', 'C3', 'C4'), { minLength: 1 }),
  isForEveryone: fc.boolean(),
  sparesOne: fc.boolean(),
  logs: fc.boolean(),
});

/** Policies of several fences, of countries with one address each. */
export const anyPolicy: fc.Arbitrary<Policy> = fc
  .record({
    fences: anyFences,
    details: fc.array(anyDetails, { minLength: MOST_FENCES, maxLength: MOST_FENCES }),
    escapes: fc.subarray([4, 5]),
    dropsEarly: fc.boolean(),
  })
  .map(({ fences, details, escapes, dropsEarly }) => ({
    ...policyOf({ dropsEarly }),
    escapes: new Map(families.map((family) => [family, networks(family, escapes)])),
    fences: fences.map((fence, i): Fence => {
      const { codes, isForEveryone, sparesOne, logs } = details[i]!;
      return {
        ...fence,
        countries: fence.mode === 'allow' && isForEveryone ? 'everyone' : codes,
        spared: sparesOne ? new Map(families.map((family) => [family, networks(family, [3])])) : new Map(),
        logs,
      };
    }),
  }));

/** The first packet of a connection from an address. */
export const packetOf = ({ protocol, port, ...rest }: Arrival, family: Family, n: number): Packet => ({
  ...rest,
  family,
  source: addressOf(family, n),
  state: 'NEW',
  ...(protocol === 'other'
    ? { protocol: 'gre' }
    : { protocol, port, sourcePort: 40_000, ...(protocol === 'tcp' ? { flags: ['SYN'] } : {}) }),
});
