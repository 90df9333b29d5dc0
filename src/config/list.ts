import { parse as parseToml, stringify } from 'smol-toml';

/** What fits on a terminal line. */
const COLUMNS = 80;

/** Text, number or boolean as TOML. */
export const renderScalar = (value: string | number | boolean): string =>
  stringify({ v: value }).trim().slice('v = '.length);

/** A list as TOML: on one line after "NAME = " if it fits, else on as many as it takes. */
export function renderList(name: string, items: readonly (string | number)[]): string {
  const texts = items.map(renderScalar);
  const line = `[${texts.join(', ')}]`;
  if (`${name} = ${line}`.length <= COLUMNS) return line;
  const lines: string[] = [];
  for (const text of texts) {
    const last = lines.at(-1);
    if (last !== undefined && `${last} ${text},`.length <= COLUMNS)
      lines[lines.length - 1] = `${last} ${text},`;
    else lines.push(`  ${text},`);
  }
  return ['[', ...lines, ']'].join('\n');
}

/** `"192.0.2.7", # the office` */
const ITEM = /^([ \t]*)("(?:[^"\\]|\\.)*"|'[^']*')(?:[ \t]*,)?(.*)$/;
const REMARK = /^[ \t]*(#.*)?$/;

/** How an item is understood: one text may hold several words. */
type WordsOf = (item: string) => string[];

/**
 * A list over several lines with an item on each, edited line by line: what is wanted still stays as it stands, remarks
 * too. Undefined when it is laid out otherwise.
 */
export function editLines(list: string, wanted: readonly string[], wordsOf: WordsOf): string | undefined {
  const eol = list.includes('\r\n') ? '\r\n' : '\n';
  const [first = '', ...rest] = list.split(eol);
  const last = rest.pop() ?? '';
  const isItem = (line: string): boolean => REMARK.test(ITEM.exec(line)?.[3] ?? 'none');
  const isPlain = rest.every((line) => REMARK.test(line) || isItem(line));
  if (!/^\[[ \t]*(#.*)?$/.test(first) || !/^[ \t]*\]$/.test(last) || !isPlain) return undefined;
  const wordsIn = (line: string): string[] => (isItem(line) ? wordsOf(parseText(ITEM.exec(line)![2]!)) : []);
  const words = new Set(wanted.flatMap(wordsOf));
  const kept = rest.filter((line) => wordsIn(line).every((word) => words.has(word)));
  const present = new Set(kept.flatMap(wordsIn));
  const added = wanted.filter((item) => wordsOf(item).some((word) => !present.has(word)));
  const indent = ITEM.exec(rest.find(isItem) ?? '')?.[1] ?? '  ';
  // The last item need not have a comma, as long as it is the last.
  const lines = kept.map((line) => (isItem(line) ? line.replace(ITEM, '$1$2,$3') : line));
  return [first, ...lines, ...added.map((item) => `${indent}${renderScalar(item)},`), last].join(eol);
}

const parseText = (literal: string): string => (parseToml(`v = ${literal}`) as { v: string }).v;
