import { isLocked, waitUntilUnlocked } from '../cache/lock.ts';
import { exitCodes } from '../errors.ts';
import type { Family } from '../ip/family.ts';
import { families } from '../ip/family.ts';
import { dropped } from '../health/counters.ts';
import { createPassing } from '../explain/passing.ts';
import { coverage, isPortFenced } from '../health/coverage.ts';
import type { Listener } from '../host/listeners.ts';
import { distinctListeners, parseListeners } from '../host/listeners.ts';
import type { Policy } from '../policy/policy.ts';
import { noFence } from '../firewall/rulesets.ts';
import { desiredState, withEscapeSets } from '../plan/desired.ts';
import { reportFence } from '../report/fence.ts';
import { describePolicy } from '../policy/describe.ts';
import type { FamilyStatus, FenceState, Problem, StatusReport, ZoneStatus } from '../report/status.ts';
import { isQuiet, renderStatusLine } from '../report/status-line.ts';
import { renderStatus } from '../report/status-page.ts';
import { createStyle, wantsColour } from '../words/style.ts';
import type { System } from '../system/system.ts';
import { zoneName } from '../zones/zone.ts';
import type { Context, Outcome } from '../context/context.ts';
import type { LoadedZone } from '../cache/load-zones.ts';
import { fenceBoundsOf, loadZones, wantedZones } from '../cache/load-zones.ts';
import { findWarnings } from '../health/warnings.ts';
import { findSchedule } from '../health/schedule.ts';
import { tryRead, readUnconfirmed, withUnconfirmed } from '../apply/commit-confirm.ts';
import type { StatusInputs } from '../health/problems.ts';
import { findProblems, judgedChanges } from '../health/problems.ts';
import { findFenceInOtherBackend } from '../apply/other-backend.ts';

/** Longer than a change takes, of which most is to fill the sets. */
const CHANGE_SECONDS = 20;

/** Compares what should be with what is: policy, zones, kernel. With `check`, one line for a monitor. */
export async function status(
  context: Context,
  { check }: { check: boolean },
  reloaded: () => Promise<Context>,
): Promise<Outcome> {
  const { system } = context;
  const report = await reportSettled(context, reloaded);
  const isFine = check ? isQuiet(report) : report.ok;
  const style = createStyle(wantsColour(system.stdout.isTTY, system.env));
  return {
    exitCode: isFine ? exitCodes.done : exitCodes.drift,
    text: check ? renderStatusLine(report) : renderStatus(report, style),
    json: report,
  };
}

/** What another run is changing right now is no drift, and nobody is to be woken for it: its end is waited for. */
async function reportSettled(context: Context, reloaded: () => Promise<Context>): Promise<StatusReport> {
  const { system, config } = context;
  const { dir } = config.memory;
  const wasLocked = await isLocked(dir);
  const report = await reportOf(context, await gather(context));
  if (report.ok || !(wasLocked || (await isLocked(dir)))) return report;
  await waitUntilUnlocked(dir, { waitSeconds: CHANGE_SECONDS, sleep: system.sleep });
  const later = await reloaded();
  return await reportOf(later, await gather(later));
}

/** Gathers what there is to judge. */
async function gather(context: Context): Promise<StatusInputs> {
  const { system, backend, available } = context;
  const unconfirmed = await readUnconfirmed(context);
  const { config } = await withUnconfirmed(context, unconfirmed);
  const { policy } = config;
  const [listeners, actual, { loaded, desired: fresh, boundsOf }] = await Promise.all([
    findListeners(system),
    backend.read('content'),
    readWanted(context, policy),
  ]);
  const desired =
    policy === undefined ? fresh : withEscapeSets(fresh, policy, (name) => actual.sets.has(name));
  const otherFence = await findFenceInOtherBackend(context, actual.variant);
  const changes = judgedChanges(loaded, desired, actual);
  const coverages = new Map(
    families.map((family) => [family, coverage(family, { policy, available, desired, actual, changes })]),
  );
  return {
    config,
    unconfirmed,
    otherFence,
    loaded,
    boundsOf,
    desired,
    actual,
    changes,
    coverages,
    listeners,
  };
}

/** What the policy asks for, as far as the cache goes. */
async function readWanted(
  { store, system }: Context,
  policy: Policy | undefined,
): Promise<Pick<StatusInputs, 'loaded' | 'desired' | 'boundsOf'>> {
  if (policy === undefined)
    return { loaded: { zones: [], missing: [] }, desired: noFence, boundsOf: fenceBoundsOf([]) };
  const loaded = await loadZones(store, wantedZones(policy), system.now());
  const boundsOf = fenceBoundsOf(loaded.zones);
  return { loaded, boundsOf, desired: desiredState(policy, boundsOf) };
}

async function reportOf(context: Context, found: StatusInputs): Promise<StatusReport> {
  const { system } = context;
  const { config, unconfirmed, loaded, coverages } = found;
  const problems = await findProblems(context, found);
  const isWaiting = unconfirmed?.state === 'waiting';
  const getsIn = { now: createPassing(found.actual), wanted: createPassing(found.desired) };
  return {
    schema: 1,
    state: worst(problems) ?? (isWaiting ? 'pending' : config.policy === undefined ? 'none' : 'up'),
    ok: problems.length === 0,
    problems,
    warnings: await findWarnings(system, config.policy),
    ...reportPolicy(context, found),
    pendingUntil: isWaiting ? unconfirmed.pending.until : undefined,
    families: reportFamilies(found),
    listeners: found.listeners.map(({ protocol, port, family }) => ({
      protocol,
      port,
      family: family.name,
      fenced: isPortFenced({ protocol, port, family }, coverages.get(family), getsIn),
    })),
    zones: loaded.zones.map(reportZone),
    maxZoneAgeDays: config.settings.max_zone_age_days,
    schedule: await findSchedule(system),
  };
}

const worst = (problems: readonly Problem[]): FenceState | undefined =>
  (['down', 'drifted', 'stale'] as const).find((kind) => problems.some((problem) => problem.kind === kind));

/** What is wanted. */
function reportPolicy(
  { available }: Context,
  { config, desired, boundsOf, loaded }: StatusInputs,
): Pick<StatusReport, 'policy' | 'origin' | 'escapes' | 'local' | 'fences'> {
  const { policy, origin, settings } = config;
  const { allow_subnets: escapes, local } = settings;
  if (policy === undefined) return { policy, origin, escapes, local, fences: [] };
  const open = available.filter((family) => !policy.families.includes(family));
  const absent = families.filter((family) => !available.includes(family));
  const zonesOf = (family: Family): number => loaded.zones.filter(({ id }) => id.family === family).length;
  return {
    policy: describePolicy({ policy, escapes, local, open, absent }),
    origin,
    escapes,
    local,
    fences: reportFence(policy, desired, boundsOf, zonesOf),
  };
}

const reportFamilies = ({ actual, coverages }: StatusInputs): FamilyStatus[] =>
  families.map((family) => {
    const covered = coverages.get(family)!;
    const isCounted = covered === 'fenced' || covered === 'doubtful';
    return {
      family: family.name,
      coverage: covered,
      ...(isCounted ? { counters: { dropped: dropped(actual, family) } } : {}),
    };
  });

const reportZone = ({ id, source, fetchedAt, ageMilliseconds }: LoadedZone): ZoneStatus => ({
  zone: zoneName(id),
  source,
  fetchedAt,
  ageSeconds: Number.isFinite(ageMilliseconds) ? Math.round(ageMilliseconds / 1000) : null,
});

/** The kernel lists what listens before the connections, of which there may be a million. */
const ENOUGH_BYTES = 2 ** 20;

async function findListeners({ readGenerated }: System): Promise<Listener[]> {
  const tables = await Promise.all(
    (['tcp', 'udp'] as const).flatMap((protocol) =>
      ['', '6'].map(async (version) => {
        const table = await tryRead(readGenerated(`/proc/net/${protocol}${version}`, ENOUGH_BYTES));
        return parseListeners(protocol, table ?? '');
      }),
    ),
  );
  return distinctListeners(tables.flat());
}
