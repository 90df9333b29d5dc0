import { openRefusals } from '../apply/check-guards.ts';
import { readUnconfirmed } from '../apply/commit-confirm.ts';
import { keepOpen } from '../apply/keep-open.ts';
import { readKept } from '../apply/kept-sets.ts';
import type { PreparedPolicy } from '../apply/prepare-policy.ts';
import { preparePolicy, reportPolicy } from '../apply/prepare-policy.ts';
import { readKernel } from '../apply/read-kernel.ts';
import { lockedIn } from '../apply/with-lock.ts';
import { countryMapFrom } from '../zones/loaded-zone.ts';
import { wantedZones } from '../policy/wanted-zones.ts';
import { openZones } from '../cache/open-zones.ts';
import type { Context } from '../context/context.ts';
import { downloadInputsOf, lockingOf } from '../context/context.ts';
import type { Outcome } from '../context/outcome.ts';
import { requirePolicy } from '../context/require-policy.ts';
import { exitCodes } from '../errors.ts';
import { reportPlan } from '../explain/report-plan.ts';
import type { Change, State } from '../firewall/model.ts';
import { noFence } from '../firewall/rulesets.ts';
import { formatScripts } from '../firewall/scripts.ts';
import { findWarnings } from '../health/warnings.ts';
import type { HostConditions } from '../host/read-conditions.ts';
import { readConditions } from '../host/read-conditions.ts';
import { inboundConnections } from '../host/read-connections.ts';
import { families } from '../ip/family.ts';
import { describeChange } from '../plan/describe-change.ts';
import { withOpenHoles } from '../plan/holes.ts';
import { withFormerSets } from '../plan/kept-sets.ts';
import { diff } from '../plan/diff.ts';
import { whoGetsIn } from '../policy/who-gets-in.ts';
import type { Policy } from '../policy/policy.ts';
import type { Refusal } from '../refusal.ts';
import { RefusedError, isForced, refuseUnlessForced } from '../refusal.ts';
import type { PlanReport } from '../report/plan.ts';
import { renderPlan } from '../report/plan.ts';
import { afterTakingBack, revertedRefusals } from '../state/unconfirmed-change.ts';
import { download } from '../sources/download.ts';
import type { ChunkedText } from '../words/chunked-text.ts';
import type { CountryMap } from '../zones/country-map.ts';

/** What is planned, and what speaks against it. */
interface Planned {
  readonly actual: State;
  readonly prepared: PreparedPolicy;
  readonly changes: readonly Change[];
  readonly refusals: readonly Refusal[];
}

interface PlanOptions {
  /** Whether the cache is used whatever its age. */
  readonly offline: boolean;
}

/**
 * Says what `refresh` would change in the kernel, and for whom. Zones are fetched first unless offline; the kernel is
 * only read, and taken for empty where it cannot be. A guard that would refuse is part of the answer, and of the exit
 * code. Throws GeofenceError when a zone cannot be had, LockedError when another run fetches.
 */
export async function plan(context: Context, options: PlanOptions): Promise<Outcome<PlanReport>> {
  const { actual, prepared, changes, refusals } = await planChanges(context, options);
  return {
    exitCode: refusals.length === 0 ? exitCodes.done : exitCodes.refused,
    report: reportPlan({
      desired: prepared.desired,
      actual,
      changes: changes.map(describeChange),
      policy: reportPolicy(prepared),
      ways: whoGetsIn(prepared.policy.fences),
      refusals,
      countryMaps: changes.length === 0 ? [] : await readCountryMaps(context),
      connections: changes.length === 0 ? [] : await inboundConnections(context.system),
      warnings: findWarnings(prepared.policy, prepared.desired, await conditionsOf(context)),
    }),
    render: renderPlan,
  };
}

const conditionsOf = async ({ system, config, available }: Context): Promise<HostConditions> =>
  await readConditions(system, { sshPorts: config.stated.ssh_ports, available });

/**
 * Returns the exact text that the kernel's tools would get from `refresh`. Throws RefusedError when a guard would
 * refuse, GeofenceError when a zone cannot be had, LockedError when another run fetches.
 */
export async function planScript(
  context: Context,
  options: PlanOptions,
): Promise<Outcome<{ script: ChunkedText }>> {
  const { actual, changes, refusals } = await planChanges(context, options);
  refuseUnlessForced(refusals, new Set());
  if (changes.length === 0) context.info('nothing to change, the fence is as it should be');
  return {
    exitCode: exitCodes.done,
    report: { script: formatScripts(context.backend.render(changes, actual)) },
    render: ({ script }) => script,
  };
}

async function planChanges(context: Context, { offline }: PlanOptions): Promise<Planned> {
  const { config, store, system, flags } = context;
  const { memory } = config;
  const policy = requirePolicy(config);
  const refused = offline ? [] : await fetchUnlessRefused(context, policy);
  const [actual, fresh] = await Promise.all([
    readOrAssumeNone(context),
    preparePolicy(
      { store, memory, settings: config.settings, now: system.now(), force: flags.force, standsIn: 'none' },
      policy,
    ),
  ]);
  const isKept = await readKept(memory, system.now());
  const kept = withFormerSets(fresh.desired, policy, actual, isKept);
  const desired = await keepOpen(withOpenHoles(kept, actual), actual, system);
  const prepared = { ...fresh, desired };
  const changes = diff(desired, actual);
  const inputs = { config, remembered: await memory.policy.read() };
  const reverted = revertedRefusals(config, afterTakingBack(await readUnconfirmed(memory, system)));
  const refusals = [
    ...refused,
    ...fresh.refusals,
    ...(flags.confirmSeconds === undefined ? reverted : []),
    ...(changes.length > 0 ? await openRefusals(system, prepared, actual, inputs) : []),
  ].filter((refusal) => !isForced(refusal, flags.force));
  return { actual, prepared, changes, refusals };
}

/** What guards say against the zones that came; the cached ones stay. */
async function fetchUnlessRefused(context: Context, policy: Policy): Promise<readonly Refusal[]> {
  try {
    const inputs = downloadInputsOf(context);
    await lockedIn(context.config.cacheDir, lockingOf(context), async (signal) => {
      await download(inputs, wantedZones(policy), signal);
    });
    return [];
  } catch (error) {
    if (error instanceof RefusedError) return error.refusals;
    throw error;
  }
}

/** Where addresses are registered, as far as the cache tells: also those of countries that no policy names. */
async function readCountryMaps({ store, system }: Context): Promise<CountryMap[]> {
  const { zones } = await openZones(store, system.now(), () => true);
  return families.map((family) => countryMapFrom(family, zones));
}

/** Without the tools or the privilege to read the kernel, a plan from scratch is still an answer. */
async function readOrAssumeNone({ backend, warn }: Context): Promise<State> {
  const kernel = await readKernel(backend);
  if ('state' in kernel) return kernel.state;
  warn(`planned as if there were no fence yet: ${kernel.reason}`);
  return noFence;
}
