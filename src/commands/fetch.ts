import { loadZones } from '../cache/load-zones.ts';
import { wantedZones } from '../policy/wanted-zones.ts';
import { lockedIn } from '../apply/with-lock.ts';
import type { Context } from '../context/context.ts';
import { downloadInputsOf, lockingOf } from '../context/context.ts';
import type { Outcome } from '../context/outcome.ts';
import { requirePolicy } from '../context/require-policy.ts';
import { exitCodes } from '../errors.ts';
import { countStates } from '../sources/count-states.ts';
import { download } from '../sources/download.ts';
import { formatAge, formatTable } from '../words/format.ts';
import { zoneName } from '../zones/zone.ts';

/**
 * Brings the cached zones of the policy up to date, and touches nothing else. Throws what requirePolicy(), lockedIn()
 * and download() throw.
 */
export async function fetch(context: Context): Promise<Outcome> {
  const { config, store, system } = context;
  const wanted = wantedZones(requirePolicy(config));
  const results = await lockedIn(
    config.cacheDir,
    lockingOf(context),
    async (signal) => await download(downloadInputsOf(context), wanted, signal),
  );
  const { zones } = await loadZones(store, wanted, system.now());
  const oldest = Math.max(0, ...zones.map(({ ageMilliseconds }) => ageMilliseconds));
  return {
    exitCode: exitCodes.done,
    report: {
      zones: results.map(({ id, state, zone, reason }) => ({
        zone: zoneName(id),
        state,
        source: zone?.metadata.source,
        reason,
      })),
      oldestSeconds: Math.round(oldest / 1000),
    },
    render: () => formatTable([...countStates(results), ['oldest', formatAge(oldest)]]),
  };
}
