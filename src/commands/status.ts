import { resolveConfig } from '../config/resolve.ts';
import { exitCodes } from '../errors.ts';
import { families } from '../ip/family.ts';
import { counters } from '../plan/counters.ts';
import { diff } from '../plan/diff.ts';
import type { Policy } from '../plan/policy.ts';
import type { State } from '../plan/state.ts';
import { noFence, rulesOf } from '../plan/state.ts';
import { describeDrift } from '../report/changes.ts';
import { reportFence } from '../report/fence.ts';
import { formatAge } from '../report/format.ts';
import type { StatusReport } from '../report/status.ts';
import { renderStatus } from '../report/status.ts';
import { zoneName } from '../zones/zone.ts';
import type { Context, Outcome } from './context.ts';
import type { LoadedZones } from './load-zones.ts';
import { desiredFrom, loadZones, wantedZones } from './load-zones.ts';
import type { Trial } from './pending.ts';
import { readTrial } from './pending.ts';
import { describeStray, findStray } from './stray.ts';

const DAY = 24 * 60 * 60 * 1000;

/** Compares what should be with what is: policy, zones, kernel. */
export async function status(context: Context): Promise<Outcome> {
  const { store, system, backend } = context;
  const trial = await readTrial(context);
  const config = trial?.state === 'waiting' ? configOf(context, trial) : context.config;
  const { policy } = config;
  const stray = await findStray(context, await backend.probe());
  const actual = await backend.read();
  const loaded =
    policy === undefined
      ? { zones: [], missing: [] }
      : await loadZones(store, wantedZones(policy), system.now());
  const desired = policy === undefined ? noFence : desiredFrom(policy, loaded.zones);
  const problems = [
    ...driftProblems(policy, loaded, desired, actual),
    ...(stray === undefined ? [] : [`${describeStray(stray)}: geofence remove --iptables ${stray.variant}`]),
    ...trialProblems(trial),
    ...ageProblems(loaded, config.settings.max_zone_age_days),
  ];
  const report: StatusReport = {
    ok: problems.length === 0,
    problems,
    origin: config.origin,
    fences:
      policy === undefined
        ? []
        : reportFence(
            policy,
            desired,
            (family) => loaded.zones.filter(({ id }) => id.family === family).length,
          ),
    openFamilies:
      policy === undefined
        ? []
        : families.filter((family) => !policy.families.includes(family)).map(({ label }) => label),
    escapes: config.settings.allow_subnets,
    local: config.settings.local,
    counters: families
      .filter((family) => rulesOf(actual, 'mangle', family).chains.size > 0)
      .map((family) => ({ family: family.label, ...counters(actual, family) })),
    pendingUntil: trial?.state === 'waiting' ? trial.pending.until : undefined,
    zones: loaded.zones.map(({ id, source, ageMilliseconds }) => ({
      zone: zoneName(id),
      source,
      ageSeconds: Number.isFinite(ageMilliseconds) ? Math.round(ageMilliseconds / 1000) : null,
    })),
  };
  return {
    exitCode: report.ok ? exitCodes.done : exitCodes.drift,
    text: renderStatus(report),
    json: report,
  };
}

function driftProblems(
  policy: Policy | undefined,
  loaded: LoadedZones,
  desired: State,
  actual: State,
): string[] {
  const missing = loaded.missing.map(({ id, reason }) => `zone ${zoneName(id)} cannot be used: ${reason}`);
  if (policy === undefined && actual.sets.size === 0) return [];
  if (policy === undefined) return ['there is a fence, but no policy says what it should be'];
  // With a zone missing the content of its set cannot be judged; everything else can.
  const isJudged = (change: ReturnType<typeof diff>[number]): boolean =>
    missing.length === 0 || change.verb !== 'replaceSet';
  return [...missing, ...diff(desired, actual).filter(isJudged).map(describeDrift)];
}

/** While a change is on trial the kernel should hold that. */
const configOf = ({ config }: Context, { pending }: Trial): Context['config'] => ({
  ...config,
  ...resolveConfig([{ origin: 'the change on trial', settings: pending.policy.inForce }]),
});

const trialProblems = (trial: Trial | undefined): string[] =>
  trial?.state === 'overdue'
    ? [`the last change should have been taken back at ${trial.pending.until}; the next refresh does it`]
    : [];

/** A day's grace: a weekly job that fails once and is repeated is no alarm. */
const ageProblems = ({ zones }: LoadedZones, maxAgeDays: number): string[] =>
  zones
    .filter(({ ageMilliseconds }) => ageMilliseconds > (maxAgeDays + 1) * DAY)
    .map(
      ({ id, ageMilliseconds }) =>
        `zone ${zoneName(id)} is ${formatAge(ageMilliseconds)} old (limit: ${maxAgeDays} days and one of grace)`,
    );
