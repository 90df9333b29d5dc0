import type { Refusal } from '../refusal.ts';
import { formatShare } from '../words/format.ts';
import type { ZoneId } from './zone.ts';

/**
 * The largest share of IPv4 that the zone of a country may hold, 1.4 to 3 times what it has: US 36 %, CN 8 %, JP 4.4 %,
 * GB, DE and KR under 3 %, no other over 2 %. Countries that are not named may have `OTHERS`.
 */
const largest: Readonly<Record<string, number>> = {
  US: 0.5,
  CN: 0.16,
  JP: 0.1,
  GB: 0.08,
  DE: 0.08,
  KR: 0.08,
};
const OTHERS = 0.06;

/** All registries together have been given seven /12 of IPv6, 0.17 % of it. */
const LARGEST_OF_IPV6 = 0.002;

/**
 * Returns the refusal for a zone that holds more addresses than any country has of the family, whatever is known of the
 * zone from before; undefined within the limit.
 */
export function shareProblem({ country, family }: ZoneId, addresses: number): Refusal | undefined {
  const share = addresses / 2 ** family.bits;
  const limit = family.version === 6 ? LARGEST_OF_IPV6 : (largest[country] ?? OTHERS);
  if (share <= limit) return undefined;
  const figures = `${formatShare(share)} of all ${family.label} addresses (limit: ${formatShare(limit)})`;
  return { guard: 'zone-share', reason: `it holds ${figures}` };
}
