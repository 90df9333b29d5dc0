import { writeDecimal, writeIPv4 } from './ipv4.ts';
import { writeIPv6 } from './ipv6.ts';
import type { Prefixes } from './prefixes.ts';
import { LONGEST_PREFIX } from './prefixes.ts';

const SLASH = 0x2f;
const encoder = new TextEncoder();

const CHUNK_BYTES = 1 << 16;

/** What stands before and after each network. */
interface Around {
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

/**
 * A line for each network, between ASCII texts. Written as bytes: 90,000 short strings cost more than all the
 * arithmetic before; and in chunks, so that not all of the text is in memory twice.
 */
export function formatLines(list: Prefixes, before: string, after = ''): string {
  const around = { before: encoder.encode(before), after: encoder.encode(`${after}\n`) };
  const perChunk = Math.floor(CHUNK_BYTES / (before.length + LONGEST_PREFIX + after.length + 1));
  const writeLines = list.family.version === 4 ? writeIPv4Lines : writeIPv6Lines;
  const bytes = Buffer.alloc(CHUNK_BYTES);
  let text = '';
  for (let from = 0; from < list.lengths.length; from += perChunk) {
    const end = writeLines(list, from, Math.min(from + perChunk, list.lengths.length), around, bytes);
    text += bytes.toString('latin1', 0, end);
  }
  return text;
}

/**
 * The lines of the networks from `from` on, below `end`. A loop for each family: one for both is compiled for the first
 * family it sees, and thrown away at the second.
 */
function writeIPv4Lines(
  { words, lengths }: Prefixes,
  from: number,
  end: number,
  { before, after }: Around,
  bytes: Uint8Array,
): number {
  let to = 0;
  for (let i = from; i < end; i++) {
    to = copy(before, bytes, to);
    to = writeIPv4(words, i, bytes, to);
    bytes[to] = SLASH;
    to = writeDecimal(lengths[i]!, bytes, to + 1);
    to = copy(after, bytes, to);
  }
  return to;
}

function writeIPv6Lines(
  { words, lengths }: Prefixes,
  from: number,
  end: number,
  { before, after }: Around,
  bytes: Uint8Array,
): number {
  let to = 0;
  for (let i = from; i < end; i++) {
    to = copy(before, bytes, to);
    to = writeIPv6(words, 4 * i, bytes, to);
    bytes[to] = SLASH;
    to = writeDecimal(lengths[i]!, bytes, to + 1);
    to = copy(after, bytes, to);
  }
  return to;
}

/** A loop and not set(): native code, for a few bytes, takes longer to call than to run. */
function copy(source: Uint8Array, bytes: Uint8Array, to: number): number {
  for (let i = 0; i < source.length; i++) bytes[to + i] = source[i]!;
  return to + source.length;
}
