import { exitCodes } from '../errors.ts';
import { formatAge, formatPlural, formatTable } from '../report/format.ts';
import type { ZoneResult } from '../sources/fetch-request.ts';
import { zoneName } from '../zones/zone.ts';
import type { Context, Outcome } from './context.ts';
import { download } from './download.ts';
import { loadZones, wantedZones } from './load-zones.ts';
import { fetchLocked } from './locked.ts';
import { requirePolicy } from './policy.ts';

const words: Record<ZoneResult['state'], string> = {
  fresh: 'young enough, not asked for',
  unchanged: 'unchanged at the source',
  fetched: 'fetched',
  aged: 'kept although old',
  empty: 'known to be empty',
  refused: 'refused',
  missing: 'missing',
};

/** Brings the cache up to date for the policy, and touches nothing else. */
export async function fetch(context: Context): Promise<Outcome> {
  const wanted = wantedZones(requirePolicy(context.config));
  const results = await fetchLocked(context, async (signal) => await download(context, wanted, signal));
  const { zones } = await loadZones(context.store, wanted, context.system.now());
  const counts = Object.entries(words).flatMap(([state, text]): [string, string][] => {
    const count = results.filter((result) => result.state === state).length;
    return count === 0 ? [] : [[formatPlural(count, 'zone'), text]];
  });
  const oldest = Math.max(0, ...zones.map(({ ageMilliseconds }) => ageMilliseconds));
  return {
    exitCode: exitCodes.done,
    text: formatTable([...counts, ['oldest', formatAge(oldest)]]),
    json: {
      zones: results.map(({ id, state, zone, reason }) => ({
        zone: zoneName(id),
        state,
        source: zone?.metadata.source,
        reason,
      })),
      oldestSeconds: Math.round(oldest / 1000),
    },
  };
}
