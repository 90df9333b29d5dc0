import type { PreparedPolicy } from '../apply/prepare-policy.ts';
import { reportPolicy } from '../apply/prepare-policy.ts';
import { readKernel } from '../apply/read-kernel.ts';
import { openZones } from '../cache/open-zones.ts';
import { exitCodes } from '../errors.ts';
import { reportPlan } from '../explain/report-plan.ts';
import type { Change, State } from '../firewall/model.ts';
import { noFence } from '../firewall/rulesets.ts';
import { findWarnings } from '../health/warnings.ts';
import type { HostConditions } from '../host/read-conditions.ts';
import { readConditions } from '../host/read-conditions.ts';
import { inboundConnections } from '../host/read-connections.ts';
import { families } from '../ip/family.ts';
import { describeChange } from '../plan/describe-change.ts';
import { whoGetsIn } from '../policy/who-gets-in.ts';
import type { Refusal } from '../refusal.ts';
import type { PlanReport } from '../report/plan.ts';
import { renderPlan } from '../report/plan.ts';
import type { CountryMap } from '../zones/country-map.ts';
import { countryMapFrom } from '../zones/loaded-zone.ts';
import type { Context } from './context.ts';
import type { Outcome } from './outcome.ts';

/** What is planned, and what speaks against it. */
export interface Planned {
  readonly actual: State;
  readonly prepared: PreparedPolicy;
  readonly changes: readonly Change[];
  readonly refusals: readonly Refusal[];
}

/** Reports what is planned, for whom, and what guards say against it: that is part of the exit code, too. */
export async function reportPlanned(
  context: Context,
  { actual, prepared, changes, refusals }: Planned,
): Promise<Outcome<PlanReport>> {
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

/** Where addresses are registered, as far as the cache tells: also those of countries that no policy names. */
async function readCountryMaps({ store, system }: Context): Promise<CountryMap[]> {
  const { zones } = await openZones(store, system.now(), () => true);
  return families.map((family) => countryMapFrom(family, zones));
}

/**
 * Returns what the kernel holds; without the tools or the privilege to read it, with a warning, no fence: a plan from
 * scratch is still an answer.
 */
export async function readOrAssumeNone({ backend, warn }: Pick<Context, 'backend' | 'warn'>): Promise<State> {
  const kernel = await readKernel(backend);
  if ('state' in kernel) return kernel.state;
  warn(`planned as if there were no fence yet: ${kernel.reason}`);
  return noFence;
}
