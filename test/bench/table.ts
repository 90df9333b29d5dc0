/** One thing measured. */
export interface Row {
  readonly what: string;
  readonly value: number;
  /** "x" for a ratio. */
  readonly unit: string;
  /** What it must not exceed; without it the row is only there to be seen. */
  readonly bar?: number;
}

export const isMet = ({ value, bar }: Row): boolean | undefined =>
  bar === undefined ? undefined : value <= bar;

const format = (value: number, unit: string): string => {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3;
  return `${value.toFixed(digits)} ${unit}`;
};

const verdictOf = (row: Row): string => {
  if (row.bar === undefined) return '';
  return isMet(row) === true ? 'met' : 'MISSED';
};

/** All rows as one table, numbers to the right. */
export function formatRows(rows: readonly Row[]): string {
  const cells = [
    ['WHAT', 'MEASURED', 'BAR', ''],
    ...rows.map((row) => [
      row.what,
      format(row.value, row.unit),
      row.bar === undefined ? '' : format(row.bar, row.unit),
      verdictOf(row),
    ]),
  ];
  const width = (column: number): number => Math.max(...cells.map((row) => row[column]?.length ?? 0));
  return cells
    .map(([what = '', value = '', bar = '', verdict = '']) =>
      `${what.padEnd(width(0))}  ${value.padStart(width(1))}  ${bar.padStart(width(2))}  ${verdict}`.trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('');
}
