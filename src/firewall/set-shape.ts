import type { Family } from '../ip/family.ts';
import type { ExtraEntries, SetShape } from './model.ts';

/** The shape of a set of networks of a family, as the plan makes it. */
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

/** How many entries a set of `networks` networks may have once its prefix lengths are reduced. */
export const mostEntries = (networks: number, { share, count }: ExtraEntries): number =>
  networks + Math.max(Math.floor(networks * share), count);

/**
 * Whether two sets agree in kind, family, netmask, timeouts and extras; how many entries they have room for does not
 * count.
 */
export const isSameMake = (a: SetShape, b: SetShape): boolean =>
  isExchangeable(a, b) && a.netmask === b.netmask && a.hasTimeouts === b.hasTimeouts && a.extras === b.extras;

/** Whether the kernel lets two sets swap places: kind and family agree, and the kind is one that we make. */
export const isExchangeable = (a: SetShape, b: SetShape): boolean =>
  a.kind === b.kind && a.family === b.family && a.kind !== 'other';
