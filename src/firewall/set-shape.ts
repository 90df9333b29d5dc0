import type { Family } from '../ip/family.ts';
import type { SetShape } from './model.ts';

/** The shape of a set whose networks the plan owns. */
export const networksOf = (family: Family): SetShape => ({
  kind: 'networks',
  family,
  hasTimeouts: false,
  extras: '',
});

/** Whether two sets are made alike, the room they have apart. */
export const isSameMake = (a: SetShape, b: SetShape): boolean =>
  isExchangeable(a, b) && a.netmask === b.netmask && a.hasTimeouts === b.hasTimeouts && a.extras === b.extras;

/** Whether the kernel lets the two change places: kind and family agree. */
export const isExchangeable = (a: SetShape, b: SetShape): boolean =>
  a.kind === b.kind && a.family === b.family && a.kind !== 'other';
