import type { Prefixes } from '../../ip/prefixes.ts';
import { formatPrefix, prefixes } from '../../ip/prefixes.ts';
import { chooseLengths, splitPrefixes } from '../../ip/reduce.ts';
import { newSet } from '../../plan/names.ts';
import type { SetState } from '../../plan/state.ts';

/** A set filled aside, and how many entries it must have when it is. */
export interface FilledSet {
  readonly name: string;
  readonly header: string;
  readonly entries: number;
  readonly script: string;
}

/** The text that creates `NAME.new` with the content of the set. */
export function fillScript(set: SetState): FilledSet {
  const name = newSet(set.name);
  const list = prefixes(set.bounds);
  const entries = entryTexts(splitPrefixes(list, chooseLengths(list, set.extraEntries ?? 0)));
  const lines = [
    createLine(name, set.header, entries.length),
    ...entries.map((entry) => `add ${name} ${entry}`),
  ];
  return { name, header: set.header, entries: entries.length, script: `${lines.join('\n')}\n` };
}

/** The networks as entries. `hash:net` takes no /0: the whole address space is two halves. */
function entryTexts(list: Prefixes): string[] {
  const { family, lengths } = list;
  if (lengths[0] === 0)
    return [`${family.format(list.words, 0)}/1`, `${family.version === 4 ? '128.0.0.0' : '8000::'}/1`];
  return Array.from(lengths, (_, index) => formatPrefix(list, index));
}

/** What the kernel takes at least (it rounds up), and its default for the most. */
const MIN_HASH_SIZE = 1024;
const MIN_MAX_ELEMENTS = 65536;

/**
 * Sized from the content: a table that has to grow while it is filled costs up to twice the time, and one that is too
 * small stops with "Hash is full". The double leaves room for an `ipset add` by hand.
 */
function createLine(name: string, header: string, entries: number): string {
  const hashSize = Math.max(MIN_HASH_SIZE, powerOfTwoFrom(entries));
  const maxElements = Math.max(MIN_MAX_ELEMENTS, powerOfTwoFrom(2 * entries));
  return `create ${name} ${header} hashsize ${hashSize} maxelem ${maxElements}`;
}

const powerOfTwoFrom = (n: number): number => 2 ** Math.ceil(Math.log2(Math.max(1, n)));

/** The text that puts `NAME.new` in place of the set in use, at once. */
export const swapLine = (name: string): string => `swap ${newSet(name)} ${name}\n`;

/** The text that gives `NAME.new` its name where no set has it yet. */
export const renameLine = (name: string): string => `rename ${newSet(name)} ${name}\n`;

export const destroyLine = (name: string): string => `destroy ${name}\n`;
