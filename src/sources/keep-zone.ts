import type { Refusal } from '../refusal.ts';
import { acceptZone } from './accept.ts';
import { changeProblem } from '../zones/judge-change.ts';
import { zoneName } from '../zones/zone.ts';
import { shareProblem } from '../zones/zone-share.ts';
import type { Download } from './http/client.ts';
import type { OpenSource } from './open-source.ts';
import type { PendingZone } from './pending-zone.ts';

const isoTime = (milliseconds: number): string => new Date(milliseconds).toISOString();

/**
 * Writes what a source sent to the cache if it is the zone it should be and did not change too much; else keeps it
 * aside for diagnosis and notes on `zone` why. Throws GeofenceError when the cache cannot be written, and the reason of
 * the deadline's signal once that has aborted.
 */
export async function keepZone(opened: OpenSource, zone: PendingZone, download: Download): Promise<void> {
  const { source, request, deadline } = opened;
  const { url, body, validators } = download;
  const accepted = acceptZone(body, zone.id);
  if (typeof accepted === 'string') {
    await refuseZone(opened, zone, download, accepted);
    return;
  }
  const share = shareProblem(zone.id, accepted.addresses);
  if (share !== undefined && !request.forcedGuards.has(share.guard)) {
    await refuseZone(opened, zone, download, share.reason);
    return;
  }
  const change = changeOf(opened, zone, accepted.addresses);
  if (change !== undefined) {
    await keepAside(opened, zone, download, change.reason);
    zone.distrust(change.guard, `${url}: ${change.reason}`);
    return;
  }
  for (const warning of accepted.warnings) request.warn(`${zoneName(zone.id)}: ${warning}`);
  const { networks, addresses } = accepted;
  const fetchedAt = isoTime(request.now());
  deadline.signal.throwIfAborted();
  const kept = await request.store.write(zone.id, body, {
    source: source.name,
    url,
    fetchedAt,
    networks,
    addresses,
    ...validators,
  });
  zone.settle('fetched', kept);
}

/** Why the zone changed too much since the last accepted copy, unless that is forced. */
function changeOf({ request }: OpenSource, { cached }: PendingZone, addresses: number): Refusal | undefined {
  if (cached === undefined) return undefined;
  const change = changeProblem(cached.metadata.addresses, addresses, request.changeLimits);
  return change !== undefined && request.forcedGuards.has(change.guard) ? undefined : change;
}

/** Keeps what a source sent aside, for diagnosis, and notes on `zone` why it was refused; the cached copy stays. */
export async function refuseZone(
  opened: OpenSource,
  zone: PendingZone,
  download: Download,
  reason: string,
): Promise<void> {
  await keepAside(opened, zone, download, reason);
  zone.fail(`${download.url}: ${reason}`);
}

const keepAside = async (
  { request }: OpenSource,
  { id }: PendingZone,
  { url, body }: Download,
  reason: string,
): Promise<void> => await request.store.keepRefused(id, body, { at: isoTime(request.now()), url, reason });

/**
 * Settles a zone whose cached copy the source vouches for as fetched now; does nothing without a copy. Throws
 * GeofenceError when the cache cannot be written, and the reason of the deadline's signal once that has aborted.
 */
export async function restamp({ request, deadline }: OpenSource, zone: PendingZone): Promise<void> {
  if (zone.cached === undefined) return;
  const fetchedAt = isoTime(request.now());
  deadline.signal.throwIfAborted();
  zone.settle('unchanged', await request.store.restamp(zone.id, zone.cached, fetchedAt));
}
