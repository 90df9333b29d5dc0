import type { Bounds } from '../ip/bounds.ts';
import type { Family } from '../ip/family.ts';
import type { RangeMap } from '../ip/range-map.ts';
import { valueAt, layer } from '../ip/range-map.ts';
import { nameCountry } from './countries.ts';
import { localBounds } from './local.ts';

/** Where an address is registered: a country code, `local` for what is in no country, null when no zone holds it. */
export type Place = string | null;

/** Where every address of a family is registered, as far as zones tell. */
export interface CountryMap {
  /** Each number is the index of a place. */
  readonly labels: RangeMap;
  readonly places: readonly Place[];
}

/** Maps every address of a family to the first zone that holds it; local addresses count before all zones. */
export const countryMapOf = (
  family: Family,
  zones: readonly { readonly country: string; readonly bounds: Bounds }[],
): CountryMap => ({
  labels: layer(family, [localBounds(family), ...zones.map(({ bounds }) => bounds)]),
  places: [null, 'local', ...zones.map(({ country }) => country)],
});

/** Where an address is registered: a country code, `local`, or null when no zone holds it. */
export const placeOf = ({ labels, places }: CountryMap, address: Int32Array): Place =>
  places[valueAt(labels, address)] ?? null;

/** Names a place: "CA (Canada)", "local addresses", "in no cached zone". */
export const namePlace = (place: Place): string =>
  place === null ? 'in no cached zone' : place === 'local' ? 'local addresses' : nameCountry(place);
