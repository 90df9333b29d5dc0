import type { Refusal } from '../refusal.ts';
import { isForced } from '../refusal.ts';
import { acceptZone } from './accept.ts';
import { changeProblem } from '../zones/judge-change.ts';
import { zoneName } from '../zones/zone.ts';
import { shareProblem } from '../zones/zone-share.ts';
import type { Download } from './http/client.ts';
import type { OpenSource } from './open-source.ts';
import type { PendingZone } from './pending-zone.ts';

const isoTime = (milliseconds: number): string => new Date(milliseconds).toISOString();

/**
 * Writes what a source sent to the cache if it is the zone it should be and no guard refuses it; else keeps it
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
  const refusal = refusalOf(opened, zone, accepted.addresses);
  if (refusal !== undefined) {
    await keepAside(opened, zone, download, refusal.reason);
    zone.distrust(refusal.guard, `${url}: ${refusal.reason}`);
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

/** The first guard that refuses a zone with so many addresses and is not forced: by its share of all, or by its change. */
function refusalOf(
  { request }: OpenSource,
  { id, cached }: PendingZone,
  addresses: number,
): Refusal | undefined {
  const change = cached && changeProblem(cached.metadata.addresses, addresses, request.changeLimits);
  return [shareProblem(id, addresses), change].find((one) => one && !isForced(one, request.forcedGuards));
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
