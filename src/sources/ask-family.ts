import { hash } from 'node:crypto';
import type { Family } from '../ip/family.ts';
import { isKnownEmpty } from '../zones/known-empty.ts';
import { DeadlineError } from './http/deadline.ts';
import { fetchArchive } from './fetch-archive.ts';
import { FetchError } from './http/error.ts';
import { fetchZone } from './fetch-zone.ts';
import { restamp } from './keep-zone.ts';
import type { Listing } from './listing.ts';
import { readListing, zoneSumOf } from './listing.ts';
import type { OpenSource } from './open-source.ts';
import type { PendingZone } from './pending-zone.ts';
import { joinTasks } from '../system/join-tasks.ts';

/** From so many zones on, one archive of all is less work for both sides. */
const ARCHIVE_FROM = 10;

/**
 * Asks one source for zones of one family: settles those it can help with, and notes on the others why not. Throws when
 * the cache cannot be written, and when the fetch is aborted by the caller.
 */
export async function askFamily(
  opened: OpenSource,
  family: Family,
  zones: readonly PendingZone[],
): Promise<void> {
  if (zones.length === 0) return;
  const { stop } = opened.deadline;
  await forgiving(zones, async () => {
    const listing = await readListing(opened, family);
    const isChanged = await joinTasks(
      zones.map((zone) => needsBody(listing, zone)),
      stop,
    );
    const changed = zones.filter((_, i) => isChanged[i]);
    const left = changed.length < ARCHIVE_FROM ? changed : await fetchArchive(listing, changed);
    await joinTasks(
      left.map((zone) => forgiving([zone], () => fetchZone(listing, zone))),
      stop,
    );
  });
}

/** Does `work`; when the source fails, that is noted on the zones. */
async function forgiving(zones: readonly PendingZone[], work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const reason = failureReason(error);
    for (const zone of zones) if (!zone.isSettled) zone.fail(reason);
  }
}

/** Why a source could not help. What is no fault of a source is thrown on. */
function failureReason(error: unknown): string {
  if (error instanceof FetchError) return error.brief;
  if (error instanceof DeadlineError) return error.message;
  throw error;
}

/** Settles what the list alone can settle, and says whether the zone itself must be fetched. */
async function needsBody({ opened, sums }: Listing, zone: PendingZone): Promise<boolean> {
  if (sums === undefined) return true;
  const listed = zoneSumOf(sums, opened, zone.id);
  if (listed === undefined) {
    if (isKnownEmpty(zone.id)) zone.settle('empty');
    else zone.fail(`${opened.source.base}${opened.source.zonePath(zone.id)}: not in MD5SUM`);
    return false;
  }
  if (zone.cached === undefined || listed !== hash('md5', zone.cached.body)) return true;
  await restamp(opened, zone);
  return false;
}
