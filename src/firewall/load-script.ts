import type { Bounds } from '../ip/bounds.ts';
import { loadScript as scriptFor } from './ipset/set-script.ts';
import { networksOf, noExtraEntries } from './set-shape.ts';

/** The text for `ipset restore` that makes a set hold these addresses at once, whatever there is of its name. */
export const loadScript = (name: string, bounds: Bounds): string =>
  scriptFor({
    name,
    owner: 'plan',
    shape: networksOf(bounds.family),
    bounds,
    extraEntries: noExtraEntries,
  });
