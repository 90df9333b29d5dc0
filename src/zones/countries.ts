import { continents, countries as list } from 'countries-list';

/** Codes of the package that ISO 3166-1 does not assign (Ascension, Tristan da Cunha, Kosovo): no registry uses them. */
const unassigned = new Set(['AC', 'TA', 'XK']);

/** Name and continent code (AF, AN, AS, EU, NA, OC, SA) of every ISO 3166-1 alpha-2 code, in order of the codes. */
export const countries: ReadonlyMap<string, { readonly name: string; readonly continent: string }> = new Map(
  Object.entries(list)
    .filter(([code]) => !unassigned.has(code))
    .sort(([a], [b]) => (a < b ? -1 : 1)),
);

const continentGroups = Object.entries(continents).map(([code, name]): [string, readonly string[]] => [
  `@${name.toLowerCase().replaceAll(' ', '-')}`,
  [...countries].filter(([, { continent }]) => continent === code).map(([country]) => country),
]);

/** Groups a policy may name: the continents, the European Union (2020 on) and the UKUSA partners. */
export const groups: ReadonlyMap<string, readonly string[]> = new Map([
  ...continentGroups,
  ['@eu', 'AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK'.split(' ')],
  ['@five-eyes', 'AU CA GB NZ US'.split(' ')],
]);

/** Names a country: "CA (Canada)"; the code alone when it has no name. */
export function nameCountry(code: string): string {
  const name = countries.get(code)?.name;
  return name === undefined ? code : `${code} (${name})`;
}
