import type { Bounds } from '../ip/bounds.ts';
import { setLoadScript } from './ipset/set-script.ts';
import { networksOf, noExtraEntries } from './set-shape.ts';

/**
 * The text for `ipset restore` that makes the set `name` hold exactly the addresses in `bounds`, whether or not a set
 * of that name exists.
 */
export const loadScript = (name: string, bounds: Bounds): string =>
  setLoadScript({
    name,
    owner: 'plan',
    shape: networksOf(bounds.family),
    bounds,
    extraEntries: noExtraEntries,
  });
