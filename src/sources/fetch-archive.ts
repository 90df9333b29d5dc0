import { readArchive } from './archive.ts';
import { FetchError } from './http/error.ts';
import { keepZone } from './keep-zone.ts';
import type { Listing } from './listing.ts';
import { sumOf, sumProblem, zoneSumOf } from './listing.ts';
import type { PendingZone } from './pending-zone.ts';
import { joinTasks } from '../system/join-tasks.ts';

interface Archive {
  readonly url: string;
  readonly members: ReadonlyMap<string, Uint8Array>;
}

/**
 * Takes zones out of the source's archive of their family; returns those it could not give, which is all of them when
 * the source has no archive or a broken one. Throws when the cache cannot be written or the fetch is stopped.
 */
export async function fetchArchive(listing: Listing, zones: readonly PendingZone[]): Promise<PendingZone[]> {
  const { opened, family } = listing;
  const path = opened.source.archivePath?.(family);
  if (path === undefined) return [...zones];
  const archive = await openArchive(listing, path, new Set(zones.map(({ id }) => id.country)));
  if (typeof archive === 'string') {
    opened.request.info(`${archive}; the zones are fetched one by one`);
    return [...zones];
  }
  const wereTaken = await joinTasks(
    zones.map((zone) => takeMember(listing, zone, archive)),
    opened.deadline.stop,
  );
  return zones.filter((_, i) => wereTaken[i] !== true);
}

async function openArchive(
  { opened, sums }: Listing,
  path: string,
  countries: ReadonlySet<string>,
): Promise<Archive | string> {
  const { get, request } = opened;
  try {
    const { url, body } = await get(path, { maxBytes: request.maxArchiveBytes, isCompressed: true });
    const members =
      sumProblem(body, sumOf(sums, path)) ??
      (await readArchive(body, countries, {
        maxBytes: request.maxArchiveBytes,
        maxMemberBytes: request.maxZoneBytes,
      }));
    return typeof members === 'string' ? `${url}: ${members}` : { url, members };
  } catch (error) {
    if (error instanceof FetchError) return error.brief;
    throw error;
  }
}

/** Says whether the archive had the zone as it is listed; that may still be refused. */
async function takeMember(
  { opened, sums }: Listing,
  zone: PendingZone,
  { url, members }: Archive,
): Promise<boolean> {
  const body = members.get(zone.id.country);
  if (body === undefined || sumProblem(body, zoneSumOf(sums, opened, zone.id)) !== undefined) return false;
  await keepZone(opened, zone, { url, body, isChanged: true, validators: {} });
  return true;
}
