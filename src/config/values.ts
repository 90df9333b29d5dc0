import { UsageError } from '../errors.ts';
import type { StatedFence } from './stated-fence.ts';

/** A number as it is asked for: `what` says which in messages. */
export interface NumberKind {
  readonly is: 'number';
  readonly what: string;
  readonly min?: number;
  /** Below what it may not be, and what it may not be either. */
  readonly above?: number;
  readonly max?: number;
  readonly isWhole?: true;
}

/**
 * What a setting holds. The schema of the file and the parsers of flag and variable all go by this; `words`: texts of
 * which each may hold several words.
 */
export type Kind =
  | NumberKind
  | { readonly is: 'words' | 'switch' | 'ports' | 'url' | 'path' | 'fences' }
  | { readonly is: 'choice' | 'choices'; readonly of: readonly string[] };

/** What can be written for such a thing in a configuration file. */
export type Value =
  | string
  | number
  | boolean
  | readonly string[]
  | readonly number[]
  | readonly StatedFence[];

/** The type of what a kind holds. */
export type ValueOf<K> = K extends { is: 'choice'; of: readonly (infer Word)[] }
  ? Word
  : K extends { is: 'words' | 'choices' }
    ? string[]
    : K extends { is: 'ports' }
      ? number[]
      : K extends { is: 'fences' }
        ? StatedFence[]
        : K extends { is: 'number' }
          ? number
          : K extends { is: 'switch' }
            ? boolean
            : string;

/** Whether a number is within the limits of its kind. */
export const isAccepted = (
  { min = -Infinity, above = -Infinity, max, isWhole }: NumberKind,
  n: number,
): boolean =>
  n >= min && n > above && n <= (max ?? Number.MAX_VALUE) && (isWhole !== true || Number.isInteger(n));

/** Splits a text at blanks and commas. */
export const wordsIn = (text: string): string[] => text.split(/[\s,]+/).filter((word) => word !== '');

/**
 * Whether two values of a setting mean the same: of a list neither the order counts, nor how it is divided into texts,
 * nor the case of its words.
 */
export const isSameValue = (a: Value | undefined, b: Value | undefined): boolean =>
  meaningOf(a) === meaningOf(b);

const meaningOf = (value: Value | undefined): string =>
  JSON.stringify(Array.isArray(value) ? value.flatMap(meaningsOf).sort() : value) ?? '';

const meaningsOf = (item: string | number | StatedFence): string[] => {
  if (typeof item !== 'object') return wordsIn(String(item).toUpperCase());
  const entries = Object.entries(item).map(([key, value]) => `${key}: ${meaningOf(value)}`);
  return [entries.sort().join(', ')];
};

/**
 * Reads a decimal number as typed; `where` names the place in messages: "--wait". Throws UsageError for any other text,
 * and outside of the limits of its kind.
 */
export function parseNumber(text: string, where: string, kind: Omit<NumberKind, 'is'>): number {
  const number = /^-?\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (isAccepted({ is: 'number', ...kind }, number)) return number;
  throw new UsageError(`Cannot use ${where} "${text}": expected ${kind.what}`);
}

/**
 * Reads the text of an environment variable, `name`, as a value of its kind; a URL and a path are judged by who uses
 * them. Throws UsageError when it is none.
 */
export function parseVariable(text: string, name: string, kind: Kind): Value {
  switch (kind.is) {
    case 'words':
    case 'choices':
      return wordsIn(text);
    case 'number':
      return parseNumber(text, name, kind);
    case 'ports':
      return wordsIn(text).map((word) => parseNumber(word, name, port));
    case 'switch':
      if (text === 'true' || text === 'false') return text === 'true';
      throw new UsageError(`Cannot use ${name} "${text}": expected true or false`);
    case 'choice':
      if (kind.of.includes(text)) return text;
      throw new UsageError(`Cannot use ${name} "${text}": expected one of ${kind.of.join(', ')}`);
    case 'url':
    case 'path':
      return text;
    case 'fences':
      throw new Error('no variable states fences');
  }
}

export const port: NumberKind = { is: 'number', what: 'a port', min: 1, max: 65535, isWhole: true };
