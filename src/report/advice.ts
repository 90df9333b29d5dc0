import { listRows, wrapItem } from '../words/format.ts';
import type { Advice } from './status.ts';

/** Returns what is advised, line by line: what has the same remedy together, and the remedy once, below. */
export function adviceLines(advice: readonly Advice[]): string[] {
  const remedies = [...new Set(advice.map(({ remedy }) => remedy))];
  return remedies.flatMap((remedy) => [
    ...advice.filter((one) => one.remedy === remedy).map(({ message }) => message),
    `→ ${remedy}`,
  ]);
}

/** Returns warnings as rows of a table, each with what to do. */
export const adviceRows = (warnings: readonly Advice[]): [string, string][] =>
  listRows('warnings', adviceLines(warnings).flatMap(wrapItem));
