import { isKnownEmpty } from '../zones/known-empty.ts';
import { FetchError } from './fetch-error.ts';
import type { Download, Validators } from './http.ts';
import { keepZone, refuse, restamp } from './keep-zone.ts';
import type { Listing } from './listing.ts';
import { sumProblem, zoneSumOf } from './listing.ts';
import type { PendingZone } from './pending-zone.ts';

/** Fetches one zone by itself. Rejects with a FetchError when the source does not give it. */
export async function fetchZone(listing: Listing, zone: PendingZone): Promise<void> {
  const { opened, sums } = listing;
  const listed = zoneSumOf(sums, opened, zone.id);
  const download = await getZone(listing, zone);
  if (download === 'none') return zone.settle('empty');
  if (!download.isChanged) return await restamp(opened, zone);
  if (sumProblem(download.body, listed) === undefined) return await keepZone(opened, zone, download);
  return await fetchOnceMore(listing, zone);
}

/** A sum that does not match may only mean that the source is being updated: both are read once more. */
async function fetchOnceMore(listing: Listing, zone: PendingZone): Promise<void> {
  const { opened, refreshedSums } = listing;
  const listed = zoneSumOf(await refreshedSums(), opened, zone.id);
  const download = await opened.get(opened.source.zonePath(zone.id), limits(listing));
  const problem = listed === undefined ? 'no longer in MD5SUM' : sumProblem(download.body, listed);
  if (problem === undefined) await keepZone(opened, zone, download);
  else await refuse(opened, zone, download, problem);
}

const limits = ({ opened }: Listing): { maxBytes: number } => ({ maxBytes: opened.request.maxZoneBytes });

async function getZone(listing: Listing, zone: PendingZone): Promise<Download | 'none'> {
  const { opened, sums } = listing;
  const path = opened.source.zonePath(zone.id);
  // A list says already that the zone has changed.
  const validators = sums === undefined ? validatorsOf(zone, opened.source.base + path) : undefined;
  try {
    return await opened.get(path, {
      ...limits(listing),
      ...(validators === undefined ? {} : { validators }),
    });
  } catch (error) {
    const isAbsent = error instanceof FetchError && error.problem.status === 404;
    if (isAbsent && sums === undefined && isKnownEmpty(zone.id)) return 'none';
    throw error;
  }
}

/** Those of the cached copy, if it came from the same place. */
function validatorsOf({ cached }: PendingZone, url: string): Validators | undefined {
  if (cached === undefined || cached.metadata.url !== url) return undefined;
  const { etag, lastModified } = cached.metadata;
  if (etag === undefined && lastModified === undefined) return undefined;
  return { ...(etag === undefined ? {} : { etag }), ...(lastModified === undefined ? {} : { lastModified }) };
}
