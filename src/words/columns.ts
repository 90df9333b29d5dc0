import { COLUMNS } from './format.ts';

const GAP = '  ';

/**
 * Returns lines of columns, each as wide as its widest text. The last text of a row runs on, up to the width of a
 * terminal; columns whose index is among `numbers` are flushed right.
 */
export function formatColumns(rows: readonly (readonly string[])[], numbers: readonly number[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, text] of row.slice(0, -1).entries()) widths[i] = Math.max(widths[i] ?? 0, text.length);
  }
  const pad = (text: string, i: number): string =>
    numbers.includes(i) ? text.padStart(widths[i]!) : text.padEnd(widths[i]!);
  return rows
    .map((row) => `${fitLine([...row.slice(0, -1).map(pad), row.at(-1) ?? ''].join(GAP))}\n`)
    .join('');
}

const fitLine = (line: string): string => (line.length > COLUMNS ? `${line.slice(0, COLUMNS - 3)}...` : line);
