import type { Family } from '../ip/family.ts';
import type { ExtraEntries, SetShape } from './model.ts';

/** The shape of a set whose networks the plan owns. */
export const networksOf = (family: Family): SetShape => ({
  kind: 'networks',
  family,
  hasTimeouts: false,
  extras: '',
});

/**
 * What serves nearly every set: small ones come down to two or three prefix lengths, and beyond 16,000 more entries for
 * all sets of a family lookups miss the processor's caches more often than fewer lengths save.
 */
export const usualExtraEntries: ExtraEntries = { share: 0.1, count: 16_000 };

/** Each network is one entry. */
export const noExtraEntries: ExtraEntries = { share: 0, count: 0 };

/** How many entries a set of so many networks may have. */
export const mostEntries = (networks: number, { share, count }: ExtraEntries): number =>
  networks + Math.max(Math.floor(networks * share), count);

/** Whether two sets are made alike, the room they have apart. */
export const isSameMake = (a: SetShape, b: SetShape): boolean =>
  isExchangeable(a, b) && a.netmask === b.netmask && a.hasTimeouts === b.hasTimeouts && a.extras === b.extras;

/** Whether the kernel lets the two change places: kind and family agree. */
export const isExchangeable = (a: SetShape, b: SetShape): boolean =>
  a.kind === b.kind && a.family === b.family && a.kind !== 'other';
