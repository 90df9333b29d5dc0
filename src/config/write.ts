import { UsageError, messageOf } from '../errors.ts';
import { parseNetwork } from './network.ts';
import { comments, header } from './comments.ts';
import { editLines, renderList, renderScalar } from './list.ts';
import { parseConfig } from './parse.ts';
import type { Settings } from './settings.ts';
import { defaults } from './settings.ts';
import type { Statement } from './statements.ts';
import { findStatements } from './statements.ts';

type Key = keyof Settings;
type Value = NonNullable<Settings[Key]>;
type Edit = readonly [Key, Value];

/**
 * The text of a configuration file in which `wanted` stands. Of the text `before` only the settings whose meaning
 * changes are touched; comments, order and everything else stay as they are. Throws a UsageError, with what to write
 * by hand, where it cannot be sure of that.
 */
export function writeConfig(path: string, before: string | undefined, wanted: Settings): string {
  const stated = before === undefined ? {} : parseConfig(path, before);
  const edits = Object.entries(wanted).filter(
    ([key, value]) => before === undefined || !isSame(key as Key, value, stated[key as Key]),
  ) as Edit[];
  let text = before ?? header;
  try {
    for (const [key, value] of edits) text = setKey(text, key, value);
    requireOnly(path, edits, before ?? '', text);
  } catch (error) {
    throw new UsageError(
      `Cannot edit "${path}": ${messageOf(error)}`,
      `write this there by hand:\n${edits.map(([key, value]) => `    ${key} = ${render(key, value)}`).join('\n')}`,
    );
  }
  return text;
}

/** Whether two values of a setting mean the same; one that is not stated means its default. */
function isSame(key: Key, a: Value | undefined, b: Value | undefined): boolean {
  const text = (value: Value | undefined): string =>
    JSON.stringify(isWords(key, value) ? value.flatMap(wordsOf(key)).sort() : value);
  return text(a) === text(b ?? defaults[key]);
}

/** Whether it is a list of which each text may hold several words, in any order. */
const isWords = (key: Key, value: Value | undefined): value is string[] =>
  Array.isArray(value) && ['allow', 'deny', 'allow_subnets'].includes(key);

/** The words of such a text as they are understood: "192.0.2.7" is 192.0.2.7/32, "ca" is CA. */
const wordsOf =
  (key: Key) =>
  (text: string): string[] =>
    text
      .split(/[\s,]+/)
      .filter((word) => word !== '')
      .map((word) => (key === 'allow_subnets' ? parseNetwork(word, key).text : word.toUpperCase()));

/** A policy has one of the two: where one stands, the other takes its place. */
const counterpart: Partial<Record<Key, Key>> = { allow: 'deny', deny: 'allow' };

function setKey(text: string, key: Key, value: Value): string {
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const statements = findStatements(text);
  const found = [key, counterpart[key]]
    .map((name) => statements.find((statement) => statement.key === name))
    .find((statement) => statement !== undefined);
  if (found === undefined) {
    const line = `${key} = ${render(key, value)}\n`.replaceAll('\n', eol);
    return addLine(text, key, line, statements);
  }
  const { keyStart, keyEnd, valueStart, valueEnd } = found;
  const name = found.key === key ? text.slice(keyStart, keyEnd) : key;
  const written = rewrite(text.slice(valueStart, valueEnd), key, value).replaceAll(/\r?\n/g, eol);
  return text.slice(0, keyStart) + name + text.slice(keyEnd, valueStart) + written + text.slice(valueEnd);
}

/** A new value in the place of `old`. */
function rewrite(old: string, key: Key, value: Value): string {
  if (!old.includes('\n') || !isWords(key, value)) return render(key, value);
  const edited = editLines(old, value, wordsOf(key));
  if (edited === undefined && old.includes('#')) {
    throw new Error(`the list "${key}" has comments, and not one item on each line`);
  }
  return edited ?? render(key, value);
}

/** Before a line in which the setting stands commented out, else at the end with a comment of ours. */
function addLine(text: string, key: Key, line: string, statements: readonly Statement[]): string {
  const isInValue = (at: number): boolean =>
    statements.some(({ valueStart, valueEnd }) => valueStart <= at && at < valueEnd);
  for (const { index } of text.matchAll(new RegExp(`^[ \\t]*#[ \\t]*${key}[ \\t]*=`, 'gm'))) {
    if (!isInValue(index)) return text.slice(0, index) + line + text.slice(index);
  }
  const eol = line.endsWith('\r\n') ? '\r\n' : '\n';
  const gap = text === '' ? '' : text.endsWith('\n') ? eol : eol + eol;
  return `${text}${gap}# ${comments[key]}${eol}${line}`;
}

const render = (key: Key, value: Value): string =>
  Array.isArray(value) ? renderList(key, value) : renderScalar(value);

/** Reads both texts back: the edits must be in the second, and everything else as in the first. */
function requireOnly(path: string, edits: readonly Edit[], before: string, after: string): void {
  const replaced = new Set(edits.map(([key]) => counterpart[key] ?? key));
  const kept = Object.entries(parseConfig(path, before)).filter(([key]) => !replaced.has(key as Key));
  const expected: Settings = { ...Object.fromEntries(kept), ...Object.fromEntries(edits) };
  const result = parseConfig(path, after);
  for (const key of new Set([...Object.keys(expected), ...Object.keys(result)] as Key[])) {
    if (isSame(key, expected[key], result[key])) continue;
    throw new Error(`its layout is one that geofence does not know how to change "${key}" in`);
  }
}
