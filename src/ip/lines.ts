import { writeDecimal, writeIPv4 } from './ipv4.ts';
import { writeIPv6 } from './ipv6.ts';
import type { Prefixes } from './prefixes.ts';
import { SLASH } from '../words/ascii.ts';

const encoder = new TextEncoder();

const TEXT_BYTES = 1 << 16;
/** Longer than the text of any network. */
const LONGEST_PREFIX = 48;

/** What stands before and after each network. */
interface Around {
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

/**
 * Yields a line for each network, with ASCII texts before and after it, in pieces of many lines. Written as bytes:
 * 90,000 short strings cost more than all the arithmetic before.
 */
export function* linePieces(list: Prefixes, before: string, after = ''): Generator<string> {
  const around = { before: encoder.encode(before), after: encoder.encode(`${after}\n`) };
  const perPiece = Math.floor(TEXT_BYTES / (before.length + LONGEST_PREFIX + after.length + 1));
  const writeLines = list.family.version === 4 ? writeIPv4Lines : writeIPv6Lines;
  const bytes = Buffer.alloc(TEXT_BYTES);
  const count = list.lengths.length;
  for (let from = 0; from < count; from += perPiece) {
    yield bytes.toString(
      'latin1',
      0,
      writeLines(list, from, Math.min(from + perPiece, count), around, bytes),
    );
  }
}

/** Returns a line for each network, with ASCII texts before and after it, as one text. */
export const formatLines = (list: Prefixes, before: string, after?: string): string =>
  [...linePieces(list, before, after)].join('');

/**
 * The lines of the networks from `from` on, below `end`. A loop for each family: one for both is compiled for the first
 * family it sees, and thrown away at the second.
 */
function writeIPv4Lines(
  list: Prefixes,
  from: number,
  end: number,
  around: Around,
  bytes: Uint8Array,
): number {
  let to = 0;
  for (let i = from; i < end; i++) {
    to = writeIPv4(list.words, i, bytes, copy(around.before, bytes, to));
    to = endLine(list.lengths[i]!, around.after, bytes, to);
  }
  return to;
}

function writeIPv6Lines(
  list: Prefixes,
  from: number,
  end: number,
  around: Around,
  bytes: Uint8Array,
): number {
  let to = 0;
  for (let i = from; i < end; i++) {
    to = writeIPv6(list.words, 4 * i, bytes, copy(around.before, bytes, to));
    to = endLine(list.lengths[i]!, around.after, bytes, to);
  }
  return to;
}

/** What stands behind the address. */
function endLine(length: number, after: Uint8Array, bytes: Uint8Array, to: number): number {
  bytes[to] = SLASH;
  return copy(after, bytes, writeDecimal(length, bytes, to + 1));
}

/** A loop and not set(): native code, for a few bytes, takes longer to call than to run. */
function copy(source: Uint8Array, bytes: Uint8Array, to: number): number {
  for (let i = 0; i < source.length; i++) bytes[to + i] = source[i]!;
  return to + source.length;
}
