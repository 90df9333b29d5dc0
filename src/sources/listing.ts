import { basename } from 'node:path/posix';
import type { Family } from '../ip/family.ts';
import type { ZoneId } from '../zones/zone.ts';
import { hash } from 'node:crypto';
import { parseChecksums } from './checksums.ts';
import { FetchError } from './http/error.ts';
import type { OpenSource } from './open-source.ts';

/** MD5 sums by file name; undefined when the source publishes none. */
type Sums = ReadonlyMap<string, string> | undefined;

/** The files of one family, as a source lists them. */
export interface Listing {
  readonly opened: OpenSource;
  readonly family: Family;
  readonly sums: Sums;
  /** The sums read again, once for all zones that find them outdated. */
  readonly refreshedSums: () => Promise<Sums>;
}

/**
 * Asks a source for its list of checksums of a family; without sums, and with a warning, when the list is not there
 * (HTTP 404). Throws FetchError when the list cannot be had otherwise.
 */
export async function readListing(opened: OpenSource, family: Family): Promise<Listing> {
  let again: Promise<Sums> | undefined;
  const refreshedSums = (): Promise<Sums> => (again ??= readSums(opened, family));
  return { opened, family, sums: await readSums(opened, family), refreshedSums };
}

async function readSums({ source, request, get }: OpenSource, family: Family): Promise<Sums> {
  const path = source.checksumPath?.(family);
  if (path === undefined) return undefined;
  try {
    const { url, body } = await get(path, { maxBytes: request.maxZoneBytes });
    const sums = parseChecksums(body);
    if (typeof sums === 'string') throw new FetchError(url, { reason: sums, isTransient: false });
    return sums;
  } catch (error) {
    if (!(error instanceof FetchError) || error.problem.status !== 404) throw error;
    request.warn(`${error.url}: HTTP 404: the ${family.label} zones are taken without checksums`);
    return undefined;
  }
}

/** The sum that is listed for the file at the end of a path; undefined when none is. */
export const sumOf = (sums: Sums, path: string): string | undefined => sums?.get(basename(path));

/** The sum that is listed for a zone of the source; undefined when none is. */
export const zoneSumOf = (sums: Sums, { source }: OpenSource, id: ZoneId): string | undefined =>
  sumOf(sums, source.zonePath(id));

/** Why a body has not the MD5 sum that is listed for it; undefined when it has, or no sum is listed. */
export function sumProblem(body: Uint8Array, listed: string | undefined): string | undefined {
  if (listed === undefined) return undefined;
  const sum = hash('md5', body);
  return sum === listed ? undefined : `MD5 is ${sum}, MD5SUM says ${listed}`;
}
