import { hash } from 'node:crypto';
import { join } from 'node:path';
import { codeOf } from '../errors.ts';
import { families } from '../ip/family.ts';
import { myself } from '../system/distrust.ts';
import { fileError, fileReason, readPlain } from '../system/files.ts';
import { writeInto } from '../system/write-file.ts';
import type { Owner } from '../system/folder.ts';
import { Folder, within } from '../system/folder.ts';
import { hasTemporary, removeTemporary } from '../system/temporary-files.ts';
import { printableMessage } from '../words/printable.ts';
import type { ZoneId } from '../zones/zone.ts';
import { zoneKey } from '../zones/zone.ts';
import type { ZoneMetadata } from './metadata.ts';
import { joinZone, plainMetadata, splitZone } from './metadata.ts';

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

/** The largest body that is fetched has half of that. Whoever can write the cache must not fill the memory of root. */
const MAX_ZONE_BYTES = 16 * 2 ** 20;

/** Where a file of the cache lies: its folder in the cache, and its name there. */
interface Place {
  readonly folder: string;
  readonly name: string;
}

/**
 * The zones on disk, one file each: `ipv4/ca.zone`; beside it, in the same format, the copy before it: `ipv4/ca.previous`.
 *
 * The metadata is the first line of the file, `# geofence {json}`, and not a file of its own: two files cannot be
 * replaced in one step, and a run killed between them would leave the next boot without a zone. To every other reader
 * the line is a comment.
 *
 * The cache may be another user's: that of the unit that fetches, while root restores the fence. So nothing in it is used
 * by its path, but in open folders; and what root makes in it belongs to whose the cache is, who could not replace it
 * otherwise.
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

  /** Reads a zone; a file that cannot be used is `corrupt`, and never throws. */
  async read(id: ZoneId): Promise<CacheEntry> {
    return this.#read(placeOf(id, 'zone'));
  }

  /**
   * Reads the copy of a zone that the present one replaced; a file that cannot be used is `corrupt`, and never throws.
   */
  async readPrevious(id: ZoneId): Promise<CacheEntry> {
    return this.#read(placeOf(id, 'previous'));
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
    const metadata = { ...plainMetadata(facts), md5: hash('md5', body), sha256: hash('sha256', body) };
    const before = await this.read(id);
    await this.#replace(placeOf(id, 'zone'), joinZone(metadata, body));
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
    await this.#replace(placeOf(id, 'zone'), joinZone(metadata, zone.body));
    return { metadata, body: zone.body };
  }

  /** Keeps what a source sent instead of a zone, for a person to look at: `refused/ipv4-ca.txt`. */
  async keepRefused(
    id: ZoneId,
    body: Uint8Array,
    why: { at: string; url: string; reason: string },
  ): Promise<void> {
    const place = { folder: REFUSED, name: `${zoneKey(id).replace('/', '-')}.txt` };
    const line = Buffer.from(`# ${why.at} ${printableMessage(`${why.url}: ${why.reason}`)}\n`);
    // Best effort: a full disk must not hide why the body was refused.
    await this.#replace(place, Buffer.concat([line, body.subarray(0, MAX_REFUSED_BYTES)])).catch(() => {});
  }

  /** Whether a killed run left something behind, or a running one is about to. */
  hasTemporary(): boolean {
    return folders.some((name) => this.#visit(name, hasTemporary) === true);
  }

  /** Removes what killed runs left behind, best effort. Only under the lock: a running one has such files too. */
  removeTemporary(): void {
    for (const name of folders) this.#visit(name, removeTemporary);
  }

  /** What `work` finds in a folder of the cache; undefined where there is none, or it cannot be used. */
  #visit<T>(name: string, work: (folder: Folder) => T): T | undefined {
    try {
      return this.#inFolder(name, work);
    } catch {
      return undefined;
    }
  }

  #inFolder<T>(name: string, work: (folder: Folder) => T): T {
    return Folder.openOwn(this.dir).use((cache) => cache.enter(name).use(work));
  }

  #read({ folder, name }: Place): CacheEntry {
    let bytes;
    try {
      ({ bytes } = this.#inFolder(folder, (open) => readPlain(open.at(name), { maxBytes: MAX_ZONE_BYTES })));
    } catch (error) {
      return codeOf(error) === 'ENOENT'
        ? { state: 'absent' }
        : { state: 'corrupt', reason: fileReason(error) };
    }
    const zone = splitZone(bytes);
    if (typeof zone === 'string') return { state: 'corrupt', reason: zone };
    if (hash('sha256', zone.body) !== zone.metadata.sha256)
      return { state: 'corrupt', reason: 'its SHA-256 is not the noted one' };
    return { state: 'present', zone };
  }

  /**
   * Returns the zones there are files of, sorted by family and code; throws GeofenceError when a folder cannot be
   * listed.
   */
  async list(): Promise<ZoneId[]> {
    const zones = [];
    for (const family of families) {
      for (const name of this.#namesIn(family.name)) {
        const [, code] = /^([a-z]{2})\.zone$/.exec(name) ?? [];
        if (code !== undefined) zones.push({ country: code.toUpperCase(), family });
      }
    }
    return zones;
  }

  /** Best effort: only people look at it, and a full disk must not keep a zone from being updated. */
  async #keepPrevious(id: ZoneId, { metadata, body }: CachedZone): Promise<void> {
    await this.#replace(placeOf(id, 'previous'), joinZone(metadata, body)).catch(() => {});
  }

  async #replace({ folder, name }: Place, bytes: Uint8Array): Promise<void> {
    const { open, owner } = this.#makeFolder(folder);
    try {
      await within(
        open,
        async () =>
          await writeInto(open, name, bytes, {
            ...(owner === undefined ? {} : { owner }),
            ...(folder === REFUSED ? { mode: 0o600 } : {}),
          }),
      );
    } catch (error) {
      throw fileError('write', join(this.dir, folder, name), error);
    }
  }

  /** Opens a folder of the cache, and tells whose the files shall be that are made in it, if not ours. */
  #makeFolder(name: string): { open: Folder; owner: Owner | undefined } {
    try {
      return Folder.make(this.dir).use((cache) => {
        const owner = ownerIn(cache);
        return { open: cache.make(name, owner, name === REFUSED ? 0o700 : 0o755), owner };
      });
    } catch (error) {
      throw fileError('use the folder', join(this.dir, name), error);
    }
  }

  #namesIn(name: string): string[] {
    try {
      return this.#inFolder(name, (folder) => folder.names()).sort();
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return [];
      throw fileError('list', join(this.dir, name), error);
    }
  }
}

/** For what came instead of zones, which may be anybody's page or file: its owner alone may look at it. */
const REFUSED = 'refused';

/** The folders of a cache: itself, and those in it. */
const folders = ['.', ...families.map(({ name }) => name), REFUSED];

/** Where a copy of a zone lies: `zone`, the present one, or `previous`, the one that it replaced. */
const placeOf = ({ country, family }: ZoneId, copy: 'zone' | 'previous'): Place => ({
  folder: family.name,
  name: `${country.toLowerCase()}.${copy}`,
});

/** Whose it is what root makes in the cache; undefined for what stays as it is made. */
function ownerIn(cache: Folder): Owner | undefined {
  const { uid, gid } = cache.stat();
  return myself() === 0 && uid !== 0 ? { uid, gid } : undefined;
}
