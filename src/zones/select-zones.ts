import { UsageError } from '../errors.ts';
import type { Family } from '../ip/family.ts';
import { selectCountries } from './select-countries.ts';
import type { ZoneId } from './zone.ts';

/**
 * Returns the codes of the countries that a person names as arguments, selectors as for --allow; throws UsageError when
 * they name none, or what is no country.
 */
export function countriesOf(selectors: readonly string[]): string[] {
  const countries = selectCountries(selectors, 'the command line');
  if (countries.length > 0) return countries;
  throw new UsageError(`Cannot select countries "${selectors.join(' ')}": it names no country`);
}

/** Returns the zones of countries in each of `families`, country by country. */
export const zonesOf = (countries: readonly string[], families: readonly Family[]): ZoneId[] =>
  countries.flatMap((country) => families.map((family) => ({ country, family })));
