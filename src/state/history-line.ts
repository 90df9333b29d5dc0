import * as v from 'valibot';
import { line, timestamp } from './check-state.ts';
import type { HistoryLine } from './history.ts';

const schema = v.union([
  v.object({ id: line, at: timestamp, command: line, by: line, changes: v.array(line) }),
  v.object({ id: line, exitCode: v.pipe(v.number(), v.integer()) }),
]);

/** Returns what a line of the history says; undefined for a line that is damaged, as a full disk leaves it. */
export function parseHistoryLine(text: string): HistoryLine | undefined {
  try {
    return v.parse(schema, JSON.parse(text));
  } catch {
    return undefined;
  }
}
