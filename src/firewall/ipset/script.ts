import type { Prefixes } from '../../ip/prefixes.ts';
import { LONGEST_PREFIX, prefixes, writePrefix } from '../../ip/prefixes.ts';
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
  const networks = withoutWhole(prefixes(set.bounds));
  const list = splitPrefixes(networks, chooseLengths(networks, set.extraEntries ?? 0));
  const entries = list.lengths.length;
  const script = `${createLine(name, set.header, entries)}\n${addLines(name, list)}`;
  return { name, header: set.header, entries, script };
}

/** `hash:net` takes no /0: the whole address space is two halves. */
function withoutWhole(list: Prefixes): Prefixes {
  if (list.lengths[0] !== 0) return list;
  const words = new Int32Array(2 * list.family.width);
  words[list.family.width] = 0x80000000;
  return { ...list, words, lengths: Uint8Array.of(1, 1) };
}

const LF = 0x0a;
const encoder = new TextEncoder();

const CHUNK_BYTES = 1 << 16;

/**
 * A line for each network. Written as bytes: 90,000 short strings cost more than all the arithmetic before; and in
 * chunks, so that not all of the text is in memory twice.
 */
function addLines(name: string, list: Prefixes): string {
  const start = encoder.encode(`add ${name} `);
  const bytes = Buffer.alloc(CHUNK_BYTES);
  const full = CHUNK_BYTES - start.length - LONGEST_PREFIX;
  let text = '';
  let end = 0;
  for (let index = 0; index < list.lengths.length; index++) {
    if (end > full) {
      text += bytes.toString('latin1', 0, end);
      end = 0;
    }
    bytes.set(start, end);
    end = writePrefix(list, index, bytes, end + start.length);
    bytes[end++] = LF;
  }
  return text + bytes.toString('latin1', 0, end);
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
