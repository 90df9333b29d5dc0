import { hash } from 'node:crypto';
import { lstat, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { GeofenceError, codeOf, messageOf } from '../errors.ts';
import { families } from '../ip/family.ts';
import {
  fileReason,
  hasTemporary,
  makeFolder,
  readIfExists,
  removeTemporary,
  writeFileAtomic,
} from '../system/files.ts';
import type { ZoneId } from '../zones/zone.ts';
import { zoneKey } from '../zones/zone.ts';
import type { ZoneMetadata } from './metadata.ts';
import { joinZone, splitZone } from './metadata.ts';

export interface CachedZone {
  readonly metadata: ZoneMetadata;
  /** The text of the zone, exactly as it was fetched. */
  readonly body: Uint8Array;
}

/** What the cache has of a zone. A corrupt file counts as absent, but not silently. */
export type CacheEntry =
  | { readonly state: 'absent' }
  | { readonly state: 'corrupt'; readonly reason: string }
  | { readonly state: 'present'; readonly zone: CachedZone };

/** Enough to see what came instead of a zone. */
const MAX_REFUSED_BYTES = 64 * 1024;

/**
 * The zones on disk, one file each: `ipv4/ca.zone`; beside it, in the same format, the copy before it: `ipv4/ca.previous`.
 *
 * The metadata is the first line of the file, `# geofence {json}`, and not a file of its own: two files cannot be
 * replaced in one step, and a run killed between them would leave the next boot without a zone. To every other reader
 * the line is a comment.
 */
export class Store {
  readonly dir: string;

  constructor(dir: string) {
    this.dir = dir;
  }

  /** Where a zone is kept. */
  pathOf(id: ZoneId): string {
    return `${this.dir}/${zoneKey(id)}.zone`;
  }

  #previousPathOf(id: ZoneId): string {
    return `${this.dir}/${zoneKey(id)}.previous`;
  }

  /** Reads a zone; a file that cannot be used is `corrupt`, and never throws. */
  async read(id: ZoneId): Promise<CacheEntry> {
    return await readEntry(this.pathOf(id));
  }

  /**
   * Reads the copy of a zone that the present one replaced; a file that cannot be used is `corrupt`, and never throws.
   */
  async readPrevious(id: ZoneId): Promise<CacheEntry> {
    return await readEntry(this.#previousPathOf(id));
  }

  /**
   * Replaces the zone, or leaves it as it was; returns what is kept now. What it replaces becomes the previous copy, but
   * only then: until the new zone is in place, current and previous copy stay as they are.
   */
  async write(
    id: ZoneId,
    body: Uint8Array,
    facts: Omit<ZoneMetadata, 'md5' | 'sha256'>,
  ): Promise<CachedZone> {
    const metadata = { ...facts, md5: hash('md5', body), sha256: hash('sha256', body) };
    const before = await this.read(id);
    await this.#replace(this.pathOf(id), joinZone(metadata, body));
    if (before.state === 'present' && before.zone.metadata.sha256 !== metadata.sha256)
      await this.#keepPrevious(id, before.zone);
    return { metadata, body };
  }

  /**
   * Notes, as `fetchedAt` of a cached zone, that a source vouched for it again; throws GeofenceError when the file
   * cannot be written.
   */
  async restamp(id: ZoneId, zone: CachedZone, fetchedAt: string): Promise<CachedZone> {
    const metadata = { ...zone.metadata, fetchedAt };
    await this.#replace(this.pathOf(id), joinZone(metadata, zone.body));
    return { metadata, body: zone.body };
  }

  /** Keeps what a source sent instead of a zone, for a person to look at: `refused/ipv4-ca.txt`. */
  async keepRefused(
    id: ZoneId,
    body: Uint8Array,
    why: { at: string; url: string; reason: string },
  ): Promise<void> {
    const path = join(this.dir, 'refused', `${zoneKey(id).replace('/', '-')}.txt`);
    const line = Buffer.from(`# ${why.at} ${why.url}: ${why.reason}\n`);
    // Best effort: a full disk must not hide why the body was refused.
    await this.#replace(path, Buffer.concat([line, body.subarray(0, MAX_REFUSED_BYTES)])).catch(() => {});
  }

  /** Whether a killed run left something behind, or a running one is about to. */
  hasTemporary(): boolean {
    return this.#folders().some(hasTemporary);
  }

  /** Removes what killed runs left behind. Only under the lock: a running one has such files too. */
  async removeTemporary(): Promise<void> {
    for (const folder of this.#folders()) await removeTemporary(folder);
  }

  #folders(): string[] {
    return ['.', ...families.map(({ name }) => name), 'refused'].map((folder) => join(this.dir, folder));
  }

  /**
   * Returns the zones there are files of, sorted by family and code; throws GeofenceError when a folder cannot be
   * listed.
   */
  async list(): Promise<ZoneId[]> {
    const zones = [];
    for (const family of families) {
      for (const name of await namesIn(join(this.dir, family.name))) {
        const [, code] = /^([a-z]{2})\.zone$/.exec(name) ?? [];
        if (code !== undefined) zones.push({ country: code.toUpperCase(), family });
      }
    }
    return zones;
  }

  /** Best effort: only people look at it, and a full disk must not keep a zone from being updated. */
  async #keepPrevious(id: ZoneId, { metadata, body }: CachedZone): Promise<void> {
    await this.#replace(this.#previousPathOf(id), joinZone(metadata, body)).catch(() => {});
  }

  async #replace(path: string, bytes: Uint8Array): Promise<void> {
    const folder = dirname(path);
    await makeFolder(folder);
    if (!(await lstat(folder)).isDirectory())
      throw new GeofenceError(`Cannot write "${path}": its folder is a symbolic link`);
    await writeFileAtomic(path, bytes);
  }
}

async function readEntry(path: string): Promise<CacheEntry> {
  let bytes;
  try {
    bytes = await readIfExists(path, { plainOnly: true });
  } catch (error) {
    const cause = error instanceof GeofenceError ? error.cause : error;
    return { state: 'corrupt', reason: fileReason(cause) };
  }
  if (bytes === undefined) return { state: 'absent' };
  const zone = splitZone(bytes);
  if (typeof zone === 'string') return { state: 'corrupt', reason: zone };
  if (hash('sha256', zone.body) !== zone.metadata.sha256)
    return { state: 'corrupt', reason: 'its SHA-256 is not the noted one' };
  return { state: 'present', zone };
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw new GeofenceError(`Cannot list "${folder}": ${messageOf(error)}`, { cause: error });
  }
}
