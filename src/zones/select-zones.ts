import { UsageError } from '../errors.ts';
import type { Family } from '../ip/family.ts';
import { selectCountries } from './select-countries.ts';
import type { ZoneId } from './zone.ts';

/** The countries a person names as arguments, with selectors as for --allow; at least one. */
export function countriesOf(selectors: readonly string[]): string[] {
  const countries = selectCountries(selectors, 'the command line');
  if (countries.length > 0) return countries;
  throw new UsageError(`Cannot select countries "${selectors.join(' ')}": it names no country`);
}

/** The zones of countries, country by country. */
export const zonesOf = (countries: readonly string[], families: readonly Family[]): ZoneId[] =>
  countries.flatMap((country) => families.map((family) => ({ country, family })));
