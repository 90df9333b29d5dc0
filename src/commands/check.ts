import { parseTypedAddress } from '../config/address.ts';
import { exitCodes } from '../errors.ts';
import { contains } from '../ip/bounds.ts';
import type { Family } from '../ip/family.ts';
import { coveringPrefix } from '../ip/prefixes.ts';
import type { State } from '../plan/state.ts';
import { foreignRules, verdict } from '../plan/verdict.ts';
import type { AddressReport, VerdictReport } from '../report/check.ts';
import { renderCheck } from '../report/check.ts';
import { aggregate } from '../zones/aggregate.ts';
import { countries } from '../zones/countries.ts';
import type { Context, Outcome } from './context.ts';
import type { LoadedZone } from './load-zones.ts';
import { desiredFrom, loadZones, wantedZones } from './load-zones.ts';
import { requirePolicy } from './policy.ts';
import { readKernel } from './read-kernel.ts';

/** Says what happens to addresses, and why: what the kernel does now, and what the policy wants. */
export async function check(context: Context, addresses: readonly string[]): Promise<Outcome> {
  const { config, store, system, backend, note } = context;
  const parsed = addresses.map((text) => ({ text, ...parseTypedAddress(text) }));
  const kernel = await readKernel(backend);
  if ('reason' in kernel) note(`answered from the cache alone: ${kernel.reason}`);
  const live = 'state' in kernel && kernel.state.sets.size > 0 ? kernel.state : undefined;
  const policy = live === undefined ? requirePolicy(config) : config.policy;
  const cached = await loadZones(store, await store.list(), system.now());
  const wanted = policy === undefined ? [] : wantedZones(policy);
  const isWanted = ({ id }: LoadedZone): boolean =>
    wanted.some(({ country, family }) => country === id.country && family === id.family);
  const complete = (await loadZones(store, wanted, system.now())).missing.length === 0;
  const desired =
    policy !== undefined && complete ? desiredFrom(policy, cached.zones.filter(isWanted)) : undefined;
  const reports = parsed.map(({ text, family, words }): AddressReport => ({
    address: text,
    kernel: live === undefined ? undefined : judge(live, family, words),
    policy: desired === undefined ? undefined : judge(desired, family, words),
    registration: findRegistration(cached.zones, family, words),
  }));
  return {
    exitCode: exitCodes.done,
    text: reports.map(renderCheck).join('\n'),
    json: { addresses: reports },
  };
}

function judge(state: State, family: Family, address: Int32Array): VerdictReport {
  const { passes, chain, rule, lookups } = verdict(state, family, address);
  return {
    passes,
    chain,
    rule,
    foreignRules: foreignRules(state, family),
    lookups: lookups.map(({ set, isInside }) => ({
      set,
      prefix: isInside ? coveringPrefix(state.sets.get(set)!.bounds, address) : undefined,
    })),
  };
}

/** In which cached zone an address lies. */
function findRegistration(
  zones: readonly LoadedZone[],
  family: Family,
  address: Int32Array,
): AddressReport['registration'] {
  for (const { id, body, source, ageMilliseconds } of zones) {
    if (id.family !== family) continue;
    const bounds = aggregate(family, [body]);
    if (!contains(bounds, address)) continue;
    return {
      country: id.country,
      name: countries.get(id.country)?.name,
      prefix: coveringPrefix(bounds, address)!,
      source,
      ageSeconds: Number.isFinite(ageMilliseconds) ? Math.round(ageMilliseconds / 1000) : null,
    };
  }
  return undefined;
}
