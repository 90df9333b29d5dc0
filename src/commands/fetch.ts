import { exitCodes } from '../errors.ts';
import { formatAge, formatTable } from '../words/format.ts';
import { zoneName } from '../zones/zone.ts';
import type { Context, Outcome } from '../context/context.ts';
import { countStates } from '../sources/count-states.ts';
import { download } from '../sources/download.ts';
import { loadZones, wantedZones } from '../cache/load-zones.ts';
import { fetchLocked } from '../apply/with-lock.ts';
import { requirePolicy } from '../config/require-policy.ts';

/** Brings the cache up to date for the policy, and touches nothing else. */
export async function fetch(context: Context): Promise<Outcome> {
  const wanted = wantedZones(requirePolicy(context.config));
  const results = await fetchLocked(context, async (signal) => await download(context, wanted, signal));
  const { zones } = await loadZones(context.store, wanted, context.system.now());
  const oldest = Math.max(0, ...zones.map(({ ageMilliseconds }) => ageMilliseconds));
  return {
    exitCode: exitCodes.done,
    text: formatTable([...countStates(results), ['oldest', formatAge(oldest)]]),
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
