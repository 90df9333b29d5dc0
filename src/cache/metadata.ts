import { LF } from '../words/ascii.ts';
import { isPlainLine } from '../words/printable.ts';

/** What is known of a cached zone beside its text. */
export interface ZoneMetadata {
  /** The name of the source it came from. */
  readonly source: string;
  readonly url: string;
  /** When a source last vouched for it, ISO 8601. */
  readonly fetchedAt: string;
  /** Hex digest of the body. Read only by earlier versions, which may come back by a downgrade: they use no file without. */
  readonly md5: string;
  /** Hex digest of the body, by which damage is noticed when the file is read. */
  readonly sha256: string;
  /** Lines that hold a network. */
  readonly networks: number;
  readonly addresses: number;
  readonly etag?: string;
  readonly lastModified?: string;
}

const HEADER_START = '# geofence ';

/** The longest that a text may be: of a URL and of headers as much as undici takes. */
const texts = { source: 300, url: 16_384, fetchedAt: 40, md5: 64, sha256: 64 };
const numberFields = ['networks', 'addresses'];
const validators = { etag: 16_384, lastModified: 16_384 };

/** Whoever can write the cache would have a terminal obey, and a report hold, whatever he wants. */
const isPlain = (value: unknown, longest: number): boolean =>
  typeof value === 'string' && value.length <= longest && isPlainLine(value);

/** Returns metadata without what a server sent that is no line of text. */
export function plainMetadata<T extends Partial<ZoneMetadata>>({ etag, lastModified, ...rest }: T): T {
  return {
    ...rest,
    ...(isPlain(etag, validators.etag) ? { etag } : {}),
    ...(isPlain(lastModified, validators.lastModified) ? { lastModified } : {}),
  } as T;
}

/** Returns the bytes of a cache file: a line with the metadata, then the text of the zone. */
export const joinZone = (metadata: ZoneMetadata, body: Uint8Array): Uint8Array =>
  Buffer.concat([Buffer.from(`${HEADER_START}${JSON.stringify(metadata)}\n`), body]);

/**
 * Splits the bytes of a cache file into metadata and text of the zone; returns why they are no cache file as a string.
 */
export function splitZone(bytes: Buffer): { metadata: ZoneMetadata; body: Uint8Array } | string {
  const end = bytes.indexOf(LF);
  const line = end < 0 ? '' : bytes.toString('utf8', 0, end);
  if (!line.startsWith(HEADER_START)) return 'its first line is not ours';
  const metadata = tryParseJson(line.slice(HEADER_START.length));
  if (!isMetadata(metadata)) return 'its first line is damaged';
  return { metadata, body: bytes.subarray(end + 1) };
}

function tryParseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** By hand: a schema library costs more than reading the files of all countries. */
function isMetadata(value: unknown): value is ZoneMetadata {
  if (typeof value !== 'object' || value === null) return false;
  const fields = value as Record<string, unknown>;
  return (
    Object.entries(texts).every(([name, longest]) => isPlain(fields[name], longest)) &&
    numberFields.every((name) => typeof fields[name] === 'number') &&
    Object.entries(validators).every(
      ([name, longest]) => fields[name] === undefined || isPlain(fields[name], longest),
    )
  );
}
