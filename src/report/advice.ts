import { listRows, wrapItem } from '../words/format.ts';
import type { Advice } from './status.ts';

/** Returns warnings as rows of a table, each with what to do. */
export const adviceRows = (warnings: readonly Advice[]): [string, string][] =>
  listRows(
    'warnings',
    warnings.flatMap(({ message, remedy }) => [...wrapItem(message), ...wrapItem(`→ ${remedy}`)]),
  );
