import type { Prefixes } from './prefixes.ts';
import { LONGEST_PREFIX, writePrefix } from './prefixes.ts';

const LF = 0x0a;
const encoder = new TextEncoder();

const CHUNK_BYTES = 1 << 16;

/**
 * A line for each network, between ASCII texts. Written as bytes: 90,000 short strings cost more than all the
 * arithmetic before; and in chunks, so that not all of the text is in memory twice.
 */
export function formatLines(list: Prefixes, before: string, after = ''): string {
  const start = encoder.encode(before);
  const rest = encoder.encode(after);
  const bytes = Buffer.alloc(CHUNK_BYTES);
  const full = CHUNK_BYTES - start.length - LONGEST_PREFIX - rest.length;
  let text = '';
  let end = 0;
  for (let index = 0; index < list.lengths.length; index++) {
    if (end > full) {
      text += bytes.toString('latin1', 0, end);
      end = 0;
    }
    bytes.set(start, end);
    end = writePrefix(list, index, bytes, end + start.length);
    bytes.set(rest, end);
    end += rest.length;
    bytes[end++] = LF;
  }
  return text + bytes.toString('latin1', 0, end);
}
