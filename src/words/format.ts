/** Words a number: "12,345". By hand: toLocaleString() loads tables of all languages first, for 15 ms. */
export const formatCount = (n: number): string =>
  n < 1e15
    ? String(Math.round(n)).replaceAll(/\B(?=(?:\d{3})+$)/g, ',')
    : n.toExponential(2).replace('e+', 'e');

/** Words a number of things: "1 zone", "2 zones". */
export const formatPlural = (n: number, noun: string, plural = `${noun}s`): string =>
  `${formatCount(n)} ${n === 1 ? noun : plural}`;

/** Words a share of 1 as percent, with as many digits as say something: "1.6 %". */
export function formatShare(share: number): string {
  const percent = share * 100;
  if (percent === 0) return '0 %';
  return percent < 0.01 ? 'under 0.01 %' : `${percent.toFixed(percent < 1 ? 2 : 1)} %`;
}

const timeUnits: readonly (readonly [seconds: number, name: string])[] = [
  [86_400, 'day'],
  [3_600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
];

/**
 * Words a time span in the largest unit that fits, rounded down: "2 days", "5 hours"; Infinity as unknown, for the
 * clock was set back.
 */
export function formatAge(milliseconds: number): string {
  if (!Number.isFinite(milliseconds)) return 'an unknown time (the clock was set back)';
  const seconds = Math.max(0, milliseconds / 1000);
  const [size, name] = timeUnits.find(([unit]) => seconds >= unit) ?? [1, 'second'];
  return formatPlural(Math.floor(seconds / size), name);
}

/** Words a number of bytes: "1.5 MiB". */
export function formatBytes(bytes: number): string {
  const names = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = Math.min(names.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  const value = bytes / 1024 ** power;
  return `${power === 0 ? value : value.toFixed(1)} ${names[power]}`;
}

/** Words a number of days: "1 day", "0.5 days". */
export const formatDays = (days: number): string => `${days} ${days === 1 ? 'day' : 'days'}`;

/** Words a time as Date.toISOString() has it: "2026-11-20 10:30 UTC". */
export const formatTime = (iso: string, to: 'minute' | 'second' = 'minute'): string =>
  `${iso.slice(0, to === 'minute' ? 16 : 19).replace('T', ' ')} UTC`;

/** Joins items: "a", "a and b", "a, b and c". */
export const formatList = (items: readonly string[]): string =>
  items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;

/** More of a list than this is not read. */
const MANY_ITEMS = 8;

/** Joins items, of more than eight only the first and the number of the others: "a, b, c and 12 more". */
export const formatShortened = (items: readonly string[]): string =>
  items.length <= MANY_ITEMS
    ? items.join(', ')
    : `${items.slice(0, MANY_ITEMS).join(', ')} and ${items.length - MANY_ITEMS} more`;

/** Breaks a text into lines of at most `width` characters, between words, and within those that are wider. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (longer.length <= width) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    const pieces = word.match(new RegExp(`.{1,${width}}`, 'g')) ?? [''];
    lines.push(...pieces.slice(0, -1));
    line = pieces.at(-1) ?? '';
  }
  return [...lines, line];
}

/** What a terminal has at least. */
export const COLUMNS = 80;

/** Breaks a text into lines that fit a terminal of 80 columns, each after `indent`. */
export const wrapText = (text: string, indent = ''): string[] =>
  wrap(text, COLUMNS - indent.length).map((line) => indent + line);

/** What is left of 80 columns beside the labels. */
const ITEM_COLUMNS = 70;

/** Breaks an item of a list into lines that fit a table of 80 columns beside its labels. */
export const wrapItem = (text: string): string[] => wrap(text, ITEM_COLUMNS);

/** Returns lines of "label  text", the labels as one column; an empty label continues the one above. */
export function formatTable(rows: readonly (readonly [label: string, text: string])[]): string {
  const width = Math.max(...rows.map(([label]) => label.length)) + 2;
  return rows.map(([label, text]) => `${label.padEnd(width)}${text}\n`).join('');
}

/** Returns table rows for a list: the label stands before its first item, `none` is the item where there is none. */
export const listRows = (label: string, items: readonly string[], none?: string): [string, string][] =>
  (items.length === 0 && none !== undefined ? [none] : items).map((item, i) => [i === 0 ? label : '', item]);
