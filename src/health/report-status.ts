import type { LoadedZone } from '../zones/loaded-zone.ts';
import { createPassing } from '../explain/passing.ts';
import type { DesiredState, State } from '../firewall/model.ts';
import type { BootFacts } from '../host/boot-facts.ts';
import type { HostConditions } from '../host/read-conditions.ts';
import type { Listener } from '../host/parse-listeners.ts';
import type { Family } from '../ip/family.ts';
import { families } from '../ip/family.ts';
import { reportHoles } from '../plan/report-holes.ts';
import { reportFence } from '../plan/report-fence.ts';
import { accessTo, reportAccess } from '../policy/who-gets-in.ts';
import { describePolicy } from '../policy/describe.ts';
import type { FenceBounds, Policy } from '../policy/policy.ts';
import type {
  FamilyStatus,
  FenceState,
  ListenerStatus,
  Problem,
  Schedule,
  StatusReport,
  ZoneStatus,
} from '../report/status.ts';
import { ageSeconds } from '../zones/age.ts';
import { zoneName } from '../zones/zone.ts';
import { countFences, dropped } from './counters.ts';
import { isPortFenced } from './coverage.ts';
import type { ProblemInputs } from './problems.ts';
import { findProblems } from './problems.ts';
import { bootHazards } from './boot-warnings.ts';
import { findWarnings } from './warnings.ts';

/** All that `status` goes by. */
export interface StatusInputs extends ProblemInputs {
  readonly desired: DesiredState;
  /** What of it comes from the countries. */
  readonly boundsOf: FenceBounds;
  readonly actual: State;
  /** The families that the kernel has. */
  readonly available: readonly Family[];
  readonly conditions: HostConditions;
  readonly boot: BootFacts;
  readonly listeners: readonly Listener[];
  /** The time so many seconds after the kernel was read, as ISO 8601. */
  readonly timeIn: (seconds: number) => string;
  readonly schedule: Schedule | undefined;
}

/**
 * Returns the report of `status`: what should be and what is, the worst state that the problems come to, and the
 * problems.
 */
export function reportStatus(inputs: StatusInputs): StatusReport {
  const { config, unconfirmed, loaded, conditions, boot, schedule } = inputs;
  const problems = findProblems(inputs);
  const isWaiting = unconfirmed?.state === 'waiting';
  return {
    schema: 1,
    state: worst(problems) ?? (isWaiting ? 'pending' : stateOf(config.policy)),
    ok: problems.length === 0,
    problems,
    warnings: [...findWarnings(config.policy, inputs.desired, conditions), ...bootHazards(boot)],
    ...reportWanted(inputs),
    pendingUntil: isWaiting ? unconfirmed.pending.until : undefined,
    holes: reportHoles(inputs.actual, inputs.timeIn),
    families: families.map((family) => reportFamily(family, inputs)),
    counted: countFences(inputs.actual, config.policy?.fences ?? []),
    listeners: reportListeners(inputs),
    zones: loaded.zones.map(reportZone),
    maxZoneAgeDays: config.settings.max_zone_age_days,
    schedule,
  };
}

function stateOf(policy: Policy | undefined): FenceState {
  if (policy === undefined) return 'none';
  return policy.fences.every(({ isPreview }) => isPreview) ? 'preview' : 'up';
}

const worst = (problems: readonly Problem[]): FenceState | undefined =>
  (['down', 'drifted', 'stale'] as const).find((kind) => problems.some((problem) => problem.kind === kind));

function reportWanted({
  config,
  desired,
  boundsOf,
  loaded,
  available,
}: StatusInputs): Pick<StatusReport, 'policy' | 'origin' | 'escapes' | 'local' | 'fences' | 'access'> {
  const { policy, origin, settings } = config;
  const { allow_subnets: escapes, local } = settings;
  if (policy === undefined) return { policy, origin, escapes, local, fences: [], access: [] };
  const open = available.filter((family) => !policy.families.includes(family));
  const absent = families.filter((family) => !available.includes(family));
  return {
    policy: describePolicy({ policy, escapes, local, open, absent }),
    origin,
    escapes,
    local,
    fences: reportFence(policy, desired, boundsOf, loaded.zones),
    access: reportAccess(policy.fences),
  };
}

function reportFamily(family: Family, { actual, coverages }: StatusInputs): FamilyStatus {
  const covered = coverages.get(family)!;
  const isCounted = covered === 'fenced' || covered === 'doubtful';
  return {
    family: family.name,
    coverage: covered,
    ...(isCounted ? { counters: { dropped: dropped(actual, family) } } : {}),
  };
}

function reportListeners({
  config: { policy },
  listeners,
  coverages,
  actual,
  desired,
}: StatusInputs): ListenerStatus[] {
  const getsIn = { now: createPassing(actual), wanted: createPassing(desired) };
  return listeners.map((listener) => ({
    protocol: listener.protocol,
    port: listener.port,
    family: listener.family.name,
    fenced: isPortFenced(listener, coverages.get(listener.family), getsIn),
    // No fence is about a family that the policy leaves open.
    ...accessTo(policy?.families.includes(listener.family) === true ? policy.fences : [], listener),
  }));
}

const reportZone = ({ id, source, fetchedAt, ageMilliseconds }: LoadedZone): ZoneStatus => ({
  zone: zoneName(id),
  source,
  fetchedAt,
  ageSeconds: ageSeconds(ageMilliseconds),
});
