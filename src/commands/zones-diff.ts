import type { CachedZone, Store } from '../cache/store.ts';
import { exitCodes } from '../errors.ts';
import type { Bounds } from '../ip/bounds.ts';
import { countAddresses, subtract } from '../ip/bounds.ts';
import { families } from '../ip/family.ts';
import { formatBounds } from '../ip/prefixes.ts';
import type { ZoneDiffReport } from '../report/zones-diff.ts';
import { renderZoneDiff } from '../report/zones-diff.ts';
import { aggregate } from '../zones/aggregate.ts';
import type { ZoneId } from '../zones/zone.ts';
import type { Context } from '../context/context.ts';
import type { Outcome } from '../context/outcome.ts';
import { countriesOf, zonesOf } from '../zones/select-zones.ts';
import { changePercent, zoneFacts, zoneLack } from '../cache/zone-facts.ts';

/**
 * Says what the cached zones of some countries gained and lost since the copies before them; throws UsageError for
 * selectors that name no country.
 */
export async function zonesDiff(
  { store }: Context,
  selectors: readonly string[],
): Promise<Outcome<{ zones: ZoneDiffReport[] }>> {
  const ids = zonesOf(countriesOf(selectors), families);
  const zones = await Promise.all(ids.map(async (id) => await compare(store, id)));
  return {
    exitCode: exitCodes.done,
    report: { zones },
    render: (report) => report.zones.map(renderZoneDiff).join('\n'),
  };
}

async function compare(store: Store, id: ZoneId): Promise<ZoneDiffReport> {
  const facts = zoneFacts(id);
  const [entry, previous] = [await store.read(id), await store.readPrevious(id)];
  if (entry.state !== 'present') return { ...facts, ...zoneLack(id, entry) };
  const after = copyOf(entry.zone);
  if (previous.state !== 'present') return { ...facts, state: 'single', after };
  const boundsOf = ({ body }: CachedZone): Bounds => aggregate(id.family, [body]);
  const [was, is] = [boundsOf(previous.zone), boundsOf(entry.zone)];
  return {
    ...facts,
    state: 'changed',
    before: copyOf(previous.zone),
    after,
    changePercent: changePercent(previous.zone, entry.zone),
    gained: turnoverOf(subtract(is, was)),
    lost: turnoverOf(subtract(was, is)),
  };
}

const copyOf = ({ metadata: { source, fetchedAt, networks, addresses } }: CachedZone) => ({
  source,
  fetchedAt,
  networks,
  addresses,
});

const turnoverOf = (bounds: Bounds) => ({
  addresses: countAddresses(bounds),
  networks: formatBounds(bounds),
});
