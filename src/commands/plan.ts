import { exitCodes } from '../errors.ts';
import { formatScripts } from '../firewall/scripts.ts';
import { contains } from '../ip/bounds.ts';
import { families } from '../ip/family.ts';
import type { Difference } from '../explain/difference.ts';
import { difference } from '../explain/difference.ts';
import { diff } from '../plan/diff.ts';
import type { Refusal } from '../plan/guard-names.ts';
import { RefusedError, hintFor, refuseUnlessForced } from '../plan/guard.ts';
import type { Policy } from '../policy/policy.ts';
import type { State } from '../firewall/model.ts';
import { isHooked, noFence } from '../firewall/rulesets.ts';
import { describeChange } from '../plan/describe-change.ts';
import type { CutOff, PlanReport } from '../report/plan.ts';
import { renderPlan, reportDifference } from '../report/plan.ts';
import { openZone } from '../zones/aggregate.ts';
import type { CountryMap } from '../zones/country-map.ts';
import { placeOf } from '../zones/country-map.ts';
import type { PreparedPolicy } from '../apply/apply-policy.ts';
import { describePolicy, openRefusals, preparePolicy } from '../apply/apply-policy.ts';
import type { Context, Outcome } from '../context/context.ts';
import { download } from '../sources/download.ts';
import { loadZones, countryMapFrom, wantedZones } from '../cache/load-zones.ts';
import { fetchLocked } from '../apply/with-lock.ts';
import { readUnconfirmed, revertedRefusals } from '../apply/commit-confirm.ts';
import { requirePolicy } from '../config/require-policy.ts';
import { readKernel } from '../apply/read-kernel.ts';
import { inboundConnections } from '../host/host-facts.ts';

/**
 * What `refresh` would change in the kernel, and for whom. Zones are fetched as there, unless offline; the kernel is
 * only read. A guard that would refuse is part of the answer, and of the exit code; no script is given then.
 */
export async function plan(context: Context, { script }: { script: boolean }): Promise<Outcome> {
  const policy = requirePolicy(context.config);
  const refused = context.flags.offline ? [] : await fetchUnlessRefused(context, policy);
  const [actual, prepared] = await Promise.all([readOrAssumeNone(context), preparePolicy(context, policy)]);
  const isChange = diff(prepared.desired, actual).length > 0;
  const refusals = [
    ...refused,
    ...revertedRefusals(context, await readUnconfirmed(context)),
    ...(isChange ? await openRefusals(context, prepared, actual) : []),
  ].filter(({ guard }) => !context.flags.force.has(guard));
  if (script) return scriptFor(context, prepared, actual, refusals);
  const report = await reportPlan(context, prepared, actual, refusals);
  return {
    exitCode: refusals.length === 0 ? exitCodes.done : exitCodes.refused,
    text: renderPlan(report),
    json: report,
  };
}

/** What guards say against the zones that came; the cached ones stay. */
async function fetchUnlessRefused(context: Context, policy: Policy): Promise<readonly Refusal[]> {
  try {
    await fetchLocked(context, async (signal) => await download(context, wantedZones(policy), signal));
    return [];
  } catch (error) {
    if (error instanceof RefusedError) return error.refusals;
    throw error;
  }
}

function scriptFor(
  { backend, info }: Context,
  { desired }: PreparedPolicy,
  actual: State,
  refusals: readonly Refusal[],
): Outcome {
  refuseUnlessForced(refusals, new Set());
  const changes = diff(desired, actual);
  if (changes.length === 0) info('nothing to change, the fence is as it should be');
  const text = formatScripts(backend.render(changes, actual));
  return { exitCode: exitCodes.done, text, json: { script: text } };
}

async function reportPlan(
  context: Context,
  prepared: PreparedPolicy,
  actual: State,
  refusals: readonly Refusal[],
): Promise<PlanReport> {
  const { desired } = prepared;
  const changes = diff(desired, actual);
  const countryMaps = changes.length === 0 ? [] : await readCountryMaps(context);
  const differences = countryMaps.map((countryMap) =>
    difference(actual, desired, countryMap.labels.family, countryMap),
  );
  return {
    ...describePolicy(prepared),
    applied: false,
    isFenced: isHooked(actual),
    difference: reportDifference(differences),
    cutOff: await findCutOff(context, differences, countryMaps),
    refusals: refusals.map((refusal) => ({ ...refusal, hint: hintFor(refusal) })),
    changes: changes.map(describeChange),
  };
}

/** Where addresses are registered, as far as the cache tells: also those of countries that no policy names. */
async function readCountryMaps({ store, system }: Context): Promise<CountryMap[]> {
  const { zones } = await loadZones(store, await store.list(), system.now());
  const opened = zones.map(({ id, body }) => ({ id, bounds: openZone(id.family, body).bounds }));
  return families.map((family) => countryMapFrom(family, opened));
}

async function findCutOff(
  { system }: Context,
  differences: readonly Difference[],
  countryMaps: readonly CountryMap[],
): Promise<CutOff[]> {
  const connections = differences.length === 0 ? [] : await inboundConnections(system);
  const found = connections.flatMap(({ localPort, peer: { family, words } }): [string, CutOff][] => {
    const i = families.indexOf(family);
    if (!contains(differences[i]!.lost.bounds, words)) return [];
    const address = family.format(words, 0);
    return [
      [`${address} ${localPort}`, { address, port: localPort, country: placeOf(countryMaps[i]!, words) }],
    ];
  });
  return [...new Map(found.sort(([a], [b]) => (a < b ? -1 : 1))).values()];
}

/** Without the tools or the privilege to read the kernel, a plan from scratch is still an answer. */
async function readOrAssumeNone(context: Context): Promise<State> {
  const kernel = await readKernel(context.backend);
  if ('state' in kernel) return kernel.state;
  context.warn(`planned as if there were no fence yet: ${kernel.reason}`);
  return noFence;
}
