import { exitCodes } from '../errors.ts';
import { loadScript } from '../firewall/load-script.ts';
import { isEmpty } from '../ip/bounds.ts';
import { families, ipv4, ipv6 } from '../ip/family.ts';
import { nameCountries } from '../policy/describe.ts';
import { renderExport } from '../report/export.ts';
import { aggregate } from '../zones/aggregate.ts';
import type { Context } from '../context/context.ts';
import type { Outcome } from '../context/outcome.ts';
import type { LoadedZone } from '../zones/loaded-zone.ts';
import { loadZones, requireAll } from '../cache/load-zones.ts';
import type { ParsedOptions } from '../context/parsed-options.ts';
import { countriesOf, zonesOf } from '../zones/select-zones.ts';

/**
 * Prints the cached zones of some countries, merged, in the format of another gate. Throws UsageError for selectors
 * that name no country, GeofenceError when a zone is missing or damaged.
 */
export async function zonesExport(
  { store, system, warn }: Context,
  selectors: readonly string[],
  { format = 'cidr', name = 'countries', ipv4: onlyIPv4, ipv6: onlyIPv6 }: ParsedOptions,
): Promise<Outcome> {
  const wanted = onlyIPv4 === true ? [ipv4] : onlyIPv6 === true ? [ipv6] : families;
  const countries = countriesOf(selectors);
  const loaded = await loadZones(store, zonesOf(countries, wanted), system.now());
  requireAll(loaded, `fetch what is missing with: geofence fetch --allow ${countries.join(',')}`);
  const { zones } = loaded;
  const sets = wanted.map((family) =>
    aggregate(
      family,
      zones.filter(({ id }) => id.family === family).map(({ body }) => body),
    ),
  );
  if (sets.every(isEmpty)) warn('the list is empty: these countries have no network');
  const of = wanted.map(({ label }) => label).join(' and ');
  const title = `${nameCountries(countries)}, ${of}${describeOrigins(zones)}`;
  const text = renderExport(format, { title, name, sets }, loadScript);
  return { exitCode: exitCodes.done, report: { text }, render: () => text };
}

/** ", from ipdeny, 2025-08-28 to 2025-09-04" */
function describeOrigins(zones: readonly LoadedZone[]): string {
  if (zones.length === 0) return '';
  const sources = [...new Set(zones.map(({ source }) => source))].sort();
  const dates = zones.map(({ fetchedAt }) => fetchedAt.slice(0, 10)).sort();
  const [first, last] = [dates[0]!, dates.at(-1)!];
  return `, from ${sources.join(' and ')}, ${first === last ? first : `${first} to ${last}`}`;
}
