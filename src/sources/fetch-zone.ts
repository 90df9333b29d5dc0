import { acceptZone } from './accept.ts';
import type { Download, Validators } from './http/client.ts';
import { keepZone, refuseZone, restamp } from './keep-zone.ts';
import type { Listing } from './listing.ts';
import { sumProblem, zoneSumOf } from './listing.ts';
import type { OpenSource } from './open-source.ts';
import type { PendingZone } from './pending-zone.ts';

/**
 * Fetches one zone by itself, checks it against the listed sum, and keeps or refuses it. Throws FetchError when the
 * source does not give it, else when the cache cannot be written or the fetch is stopped.
 */
export async function fetchZone(listing: Listing, zone: PendingZone): Promise<void> {
  const { opened, sums } = listing;
  const listed = zoneSumOf(sums, opened, zone.id);
  // A list says already that the zone has changed.
  const validators = listed === undefined ? cachedValidators(zone, opened) : undefined;
  const download = await getZone(opened, zone, validators);
  if (!download.isChanged) await restamp(opened, zone);
  else if (sumProblem(download.body, listed) === undefined) await keepZone(opened, zone, download);
  else await fetchOnceMore(listing, zone);
}

/** A sum that does not match may only mean that the source is being updated: both are read once more. */
async function fetchOnceMore({ opened, refreshedSums }: Listing, zone: PendingZone): Promise<void> {
  const listed = zoneSumOf(await refreshedSums(), opened, zone.id);
  const download = await getZone(opened, zone);
  const problem = listed === undefined ? 'no longer in MD5SUM' : sumProblem(download.body, listed);
  if (problem === undefined) return await keepZone(opened, zone, download);
  // "It is a web page" says more than two sums that differ.
  const accepted = acceptZone(download.body, zone.id);
  await refuseZone(opened, zone, download, typeof accepted === 'string' ? accepted : problem);
}

const getZone = (
  { source, request, get }: OpenSource,
  { id }: PendingZone,
  validators?: Validators,
): Promise<Download> =>
  get(source.zonePath(id), {
    maxBytes: request.maxZoneBytes,
    ...(validators === undefined ? {} : { validators }),
  });

/** Those of the cached copy, if it came from the same place. */
function cachedValidators({ id, cached }: PendingZone, { source }: OpenSource): Validators | undefined {
  if (cached?.metadata.url !== source.base + source.zonePath(id)) return undefined;
  const { etag, lastModified } = cached.metadata;
  if (etag === undefined && lastModified === undefined) return undefined;
  return { ...(etag === undefined ? {} : { etag }), ...(lastModified === undefined ? {} : { lastModified }) };
}
