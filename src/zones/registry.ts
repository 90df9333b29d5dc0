import type { Bounds } from '../ip/bounds.ts';
import type { Family } from '../ip/family.ts';
import type { Labels } from '../ip/labels.ts';
import { labelAt, stack } from '../ip/labels.ts';
import { nameCountry } from './countries.ts';
import { localBounds } from './local.ts';

/** Where an address is registered: a country code, `local` for what is in no country, null when no zone holds it. */
export type Place = string | null;

/** Where every address of a family is registered, as far as zones tell. */
export interface Registry {
  /** Each number is the index of a place. */
  readonly labels: Labels;
  readonly places: readonly Place[];
}

/** Where zones overlap, the first counts. */
export const registryOf = (
  family: Family,
  zones: readonly { readonly country: string; readonly bounds: Bounds }[],
): Registry => ({
  labels: stack(family, [localBounds(family), ...zones.map(({ bounds }) => bounds)]),
  places: [null, 'local', ...zones.map(({ country }) => country)],
});

export const placeOf = ({ labels, places }: Registry, address: Int32Array): Place =>
  places[labelAt(labels, address)] ?? null;

/** "CA (Canada)" */
export const namePlace = (place: Place): string =>
  place === null ? 'in no cached zone' : place === 'local' ? 'local addresses' : nameCountry(place);
