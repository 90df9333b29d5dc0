import { styleCodes } from './style.ts';

/** What a terminal may obey, or show as nothing or in another order: controls (C0, C1), format and separator characters. */
const OBEYED = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
const NOT_PLAIN = `${OBEYED.source}(?<![\\n\\t])`;
const NOT_PLAIN_ANYWHERE = new RegExp(NOT_PLAIN, 'gu');

/** As JSON escapes it, so that JSON stays JSON. */
const escape = (text: string): string =>
  text.replaceAll(/[^]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Whether a text is one line in which nothing is obeyed by a terminal. */
export const isPlainLine = (text: string): boolean => !OBEYED.test(text);

/** Returns a text with all that a terminal may obey as "\u001b"; lines and tabs stay. */
export const printable = (text: string): string => text.replaceAll(NOT_PLAIN_ANYWHERE, escape);

const LONGEST_LINE = 1000;
/** Of a longer line, the end: what is wrong with something stands behind it. */
const TAIL = 200;
const MOST_LINES = 100;

/** Returns a line as it is, or the start and the end of one that has over `longest` characters. */
export function shortenLine(line: string, longest = LONGEST_LINE): string {
  if (line.length <= longest) return line;
  const head = longest - 2 * TAIL;
  return `${line.slice(0, head)} ...(${line.length - head - TAIL} characters left out)... ${line.slice(-TAIL)}`;
}

/**
 * Returns a message as it may be shown, whatever is quoted in it: nothing in it is obeyed by a terminal, no line of it
 * begins at the left edge but the first, and it has an end.
 */
export function printableMessage(text: string): string {
  const lines = printable(text.replaceAll(/\n(?! {2})/g, '\\u000a')).split('\n');
  const shown = lines.slice(0, MOST_LINES).map((line) => shortenLine(line));
  return [
    ...shown,
    ...(lines.length > MOST_LINES ? [`  and ${lines.length - MOST_LINES} more lines`] : []),
  ].join('\n');
}

const styles = styleCodes.map((code) => code.replace('[', '\\['));
const STYLE_OR_NOT_PLAIN = new RegExp([...styles, NOT_PLAIN].join('|'), 'gu');

/** Returns an answer for people as it may be shown: as `printable` does, but coloured as it is, and long lines shortened. */
export const printableAnswer = (text: string): string =>
  text
    .replaceAll(STYLE_OR_NOT_PLAIN, (found) => (styleCodes.includes(found) ? found : escape(found)))
    .split('\n')
    .map((line) => shortenLine(line))
    .join('\n');
