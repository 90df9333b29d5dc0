import type { CachedZone } from '../cache/store.ts';
import { ageOf, isStale } from '../zones/age.ts';
import { families } from '../ip/family.ts';
import { isKnownEmpty } from '../zones/known-empty.ts';
import type { ZoneId } from '../zones/zone.ts';
import { zoneName } from '../zones/zone.ts';
import { askFamily } from './ask-family.ts';
import { startDeadline } from './http/deadline.ts';
import type { FetchRequest, ZoneResult } from './fetch-request.ts';
import { HttpClient } from './http/client.ts';
import { openSource } from './open-source.ts';
import { PendingZone } from './pending-zone.ts';
import { joinTasks } from '../system/join-tasks.ts';

/**
 * Brings the cache up to date for the wanted zones, and returns for each what became of it. A zone that cannot be had
 * is a result; throws only when the cache cannot be written, or the reason of an aborted signal.
 */
export async function fetchZones(request: FetchRequest): Promise<ZoneResult[]> {
  let settled = 0;
  const onSettled = (): void => request.progress(++settled);
  const zones = await Promise.all(request.wanted.map((id) => look(id, request, onSettled)));
  if (zones.some(isWorthAsking)) await askSources(zones, request);
  return zones.map((zone) => zone.result);
}

async function look(id: ZoneId, request: FetchRequest, onSettled: () => void): Promise<PendingZone> {
  const entry = await request.store.read(id);
  if (entry.state === 'corrupt')
    request.warn(`${zoneName(id)}: the cached copy cannot be used: ${entry.reason}`);
  const cached = entry.state === 'present' ? entry.zone : undefined;
  const zone = new PendingZone(id, cached, onSettled);
  if (cached !== undefined && isFresh(cached, request)) zone.settle('fresh', cached);
  return zone;
}

const isFresh = ({ metadata }: CachedZone, { now, maxAgeDays }: FetchRequest): boolean =>
  !isStale(ageOf(Date.parse(metadata.fetchedAt), now()), maxAgeDays);

/** A zone that is known to be empty is asked for only along with others: it would be asked for every time. */
const isWorthAsking = (zone: PendingZone): boolean =>
  !zone.isSettled && (zone.cached !== undefined || !isKnownEmpty(zone.id));

async function askSources(zones: readonly PendingZone[], request: FetchRequest): Promise<void> {
  const deadline = startDeadline(request.deadlineSeconds, request.signal, request.now);
  const { signal, remainingMilliseconds } = deadline;
  const http = new HttpClient({ ...request, signal, remainingMilliseconds });
  try {
    for (const source of request.sources) {
      const open = zones.filter((zone) => !zone.isSettled);
      if (open.length === 0 || signal.aborted) break;
      const opened = openSource(source, { request, http, deadline });
      const tasks = families.map((family) =>
        askFamily(
          opened,
          family,
          open.filter((zone) => zone.id.family === family),
        ),
      );
      await joinTasks(tasks, deadline.stop);
    }
    request.signal.throwIfAborted();
  } finally {
    deadline.clear();
    await http.close();
  }
}
