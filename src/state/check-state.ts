import * as v from 'valibot';

/** Whether a value is an object, and neither null nor an array. */
export const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Returns `data` as the schema types it; throws an Error that names the first field which is not as it should be. */
export function checkState<T>(schema: v.GenericSchema<unknown, T>, data: unknown): T {
  const result = v.safeParse(schema, data);
  if (result.success) return result.output;
  throw new Error(`its ${fieldOf(result.issues[0])} is damaged`);
}

/** As much of a path as fits a line. A key may be anything, also what a terminal would obey. */
const fieldOf = (issue: v.BaseIssue<unknown>): string =>
  (v.getDotPath(issue) ?? 'content').replaceAll(/[^\w.-]/g, '?').slice(0, 60);

/** A line of text: nothing in it ends the line, or is obeyed by a terminal. */
export const line = v.pipe(v.string(), v.regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u));

/** ISO 8601, in UTC, as Date.prototype.toISOString() writes it. */
export const timestamp = v.pipe(
  v.string(),
  v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/),
  v.check((text) => Number.isFinite(Date.parse(text))),
);
