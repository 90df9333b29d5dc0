import { closest } from 'fastest-levenshtein';
import { UsageError } from '../errors.ts';
import { countries, groups, nameCountry } from './countries.ts';

/** Codes people write for a country although ISO 3166-1 has another (the first two are "exceptionally reserved"). */
const aliases: Record<string, string> = { UK: 'GB', EL: 'GR' };

/**
 * Turns what a person wrote into country codes, sorted and without repetition: codes in any case (`ca`), groups
 * (`@eu`), either taken away again with a leading "!" (`@eu !HU`); separated by commas or white space. `origin` says in
 * messages where they stand. Throws UsageError for an unknown code or group, and for a "!" with nothing to take away
 * from.
 */
export function selectCountries(selectors: readonly string[], origin: string): string[] {
  const words = selectors.flatMap((text) => text.split(/[\s,]+/)).filter((word) => word !== '');
  const [removed, added] = [
    words.filter((word) => word.startsWith('!')),
    words.filter((word) => !word.startsWith('!')),
  ];
  if (removed.length > 0 && added.length === 0) {
    throw new UsageError(
      `Cannot select countries "${words.join(' ')}" from ${origin}: nothing to take ${removed.join(' ')} away from`,
      'name a group first, as in "@eu !HU"',
    );
  }
  const without = new Set(removed.flatMap((word) => expand(word.slice(1), origin)));
  return [...new Set(added.flatMap((word) => expand(word, origin)))]
    .filter((code) => !without.has(code))
    .sort();
}

/** The codes of one selector without its "!". */
function expand(selector: string, origin: string): readonly string[] {
  if (selector.startsWith('@')) {
    const group = groups.get(selector.toLowerCase());
    if (group !== undefined) return group;
    const near = closest(selector.toLowerCase(), [...groups.keys()]);
    throw new UsageError(
      `Cannot select countries "${selector}" from ${origin}: no such group`,
      `did you mean ${near}? groups are ${[...groups.keys()].join(' ')}`,
    );
  }
  const code = selector.toUpperCase();
  if (countries.has(code)) return [code];
  throw new UsageError(
    `Cannot select country "${selector}" from ${origin}: not an ISO 3166-1 alpha-2 code`,
    suggestCountry(selector),
  );
}

function suggestCountry(selector: string): string {
  const code = selector.toUpperCase();
  const alias = aliases[code];
  if (alias !== undefined) return `did you mean ${nameCountry(alias)}?`;
  if (groups.has(`@${code.toLowerCase()}`)) return `did you mean @${code.toLowerCase()}?`;
  for (const [candidate, { name }] of countries) {
    if (name.toUpperCase() === code) return `did you mean ${nameCountry(candidate)}?`;
  }
  return 'codes have two letters, such as CA or DE; groups start with "@", such as @eu';
}
