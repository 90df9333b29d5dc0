import { formatPlural } from '../words/format.ts';
import type { ZoneResult, ZoneState } from './fetch-request.ts';

const words: Record<ZoneState, string> = {
  fresh: 'young enough, not asked for',
  unchanged: 'unchanged at the source',
  fetched: 'fetched',
  aged: 'kept although old',
  empty: 'known to be empty',
  refused: 'refused',
  missing: 'missing',
};

/** Counts how many zones became what, for a table: [["2 zones", "fetched"], ["1 zone", "kept although old"]]. */
export const countStates = (results: readonly ZoneResult[]): [count: string, text: string][] =>
  Object.entries(words).flatMap(([state, text]) => {
    const count = results.filter((result) => result.state === state).length;
    return count === 0 ? [] : [[formatPlural(count, 'zone'), text]];
  });
