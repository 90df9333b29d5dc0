import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { HopelessError } from './error.ts';

/**
 * Reads a body to its end, decoding gzip. Throws HopelessError when it decodes to more than `maxBytes` (5 MB can travel
 * as 5 kB) or has another encoding; errors of the stream as they are.
 */
export async function readBody(
  body: Readable,
  encoding: string | undefined,
  maxBytes: number,
): Promise<Uint8Array> {
  const chunks = [];
  let length = 0;
  // Leaving the loop early destroys the stream, and with it the connection.
  for await (const chunk of decoded(body, encoding) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBytes) throw new HopelessError(`body is larger than ${maxBytes / 2 ** 20} MiB`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function decoded(body: Readable, encoding = 'identity'): Readable {
  if (encoding === 'identity') return body;
  if (encoding === 'gzip' || encoding === 'x-gzip') return pipeline(body, createGunzip(), () => {});
  body.on('error', () => {}).destroy();
  throw new HopelessError(`content encoding "${encoding}" was not asked for`);
}
