import { LF } from '../words/ascii.ts';

/** What is known of a cached zone beside its text. */
export interface ZoneMetadata {
  /** The name of the source it came from. */
  readonly source: string;
  readonly url: string;
  /** When a source last vouched for it, ISO 8601. */
  readonly fetchedAt: string;
  /** Hex digests of the body: MD5 is what sources publish, SHA-256 is what we trust the disk with. */
  readonly md5: string;
  readonly sha256: string;
  /** Lines that hold a network. */
  readonly networks: number;
  readonly addresses: number;
  readonly etag?: string;
  readonly lastModified?: string;
}

const HEADER_START = '# geofence ';

const texts = ['source', 'url', 'fetchedAt', 'md5', 'sha256'];
const numberFields = ['networks', 'addresses'];
const optionalTextFields = ['etag', 'lastModified'];

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
    texts.every((name) => typeof fields[name] === 'string') &&
    numberFields.every((name) => typeof fields[name] === 'number') &&
    optionalTextFields.every((name) => fields[name] === undefined || typeof fields[name] === 'string')
  );
}
