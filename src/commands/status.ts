import { readUnconfirmed } from '../apply/commit-confirm.ts';
import type { ZoneInputs } from '../apply/believed-zones.ts';
import { loadBelieved } from '../apply/believed-zones.ts';
import { findFenceInOtherBackend } from '../apply/other-backend.ts';
import { fenceBoundsOf, wantedZones } from '../policy/wanted-zones.ts';
import { isLocked, waitUntilUnlocked } from '../system/lock.ts';
import { configInForce } from '../context/config-in-force.ts';
import type { Context } from '../context/context.ts';
import type { Outcome } from '../context/outcome.ts';
import { exitCodes } from '../errors.ts';
import { noFence } from '../firewall/rulesets.ts';
import { coverage } from '../health/coverage.ts';
import { judgedChanges } from '../health/problems.ts';
import type { StatusInputs } from '../health/report-status.ts';
import { reportStatus } from '../health/report-status.ts';
import { readBootFacts } from '../host/boot-facts.ts';
import { readConditions } from '../host/read-conditions.ts';
import { readListeners } from '../host/read-listeners.ts';
import { findSchedule, isSystemd } from '../host/find-schedule.ts';
import { families } from '../ip/family.ts';
import { desiredState } from '../plan/desired.ts';
import { withHolesOf } from '../plan/holes.ts';
import { withFormerSets } from '../plan/kept-sets.ts';
import type { Policy } from '../policy/policy.ts';
import { renderStatus } from '../report/status-page.ts';
import { isQuiet, renderStatusLine } from '../report/status-line.ts';
import type { StatusReport } from '../report/status.ts';
import { describeDamage } from '../state/state-file.ts';
import { createStyle, wantsColour } from '../words/style.ts';

/** Longer than a change takes, of which most is to fill the sets. */
const CHANGE_SECONDS = 20;

/**
 * Compares what should be with what is: policy, zones, kernel; the exit code tells whether they agree. With `check`,
 * one line for a monitor. `reloaded` gives the context anew after another run has ended. Throws GeofenceError when the
 * kernel cannot be read.
 */
export async function status(
  context: Context,
  { check }: { readonly check: boolean },
  reloaded: () => Promise<Context>,
): Promise<Outcome<StatusReport>> {
  const { system } = context;
  const report = await reportSettled(context, reloaded);
  const isFine = check ? isQuiet(report) : report.ok;
  const style = createStyle(wantsColour(system.stdout.isTTY, system.env));
  return {
    exitCode: isFine ? exitCodes.done : exitCodes.drift,
    report,
    render: (found) => (check ? renderStatusLine(found) : renderStatus(found, style)),
  };
}

/** What another run is changing right now is no drift, and nobody is to be woken for it: its end is waited for. */
async function reportSettled(context: Context, reloaded: () => Promise<Context>): Promise<StatusReport> {
  const { system, config } = context;
  const dirs = [config.memory.dir, system.kernelFolder];
  const isChanging = async (): Promise<boolean> => (await Promise.all(dirs.map(isLocked))).includes(true);
  const wasChanging = await isChanging();
  const report = reportStatus(await gatherStatusInputs(context));
  if (report.ok || !(wasChanging || (await isChanging()))) return report;
  for (const dir of dirs) await waitUntilUnlocked(dir, { waitSeconds: CHANGE_SECONDS, sleep: system.sleep });
  return reportStatus(await gatherStatusInputs(await reloaded()));
}

/** Gathers what there is to judge. */
async function gatherStatusInputs(context: Context): Promise<StatusInputs> {
  const { system, backend, backendFor, available, store, config: stated } = context;
  const { memory, lost } = stated;
  const unconfirmed = await readUnconfirmed(memory, system);
  const config = await configInForce(stated, unconfirmed, available);
  const { policy } = config;
  const readAt = system.now();
  const [listeners, actual, { loaded, doubts, desired: fresh, boundsOf }] = await Promise.all([
    readListeners(system),
    backend.read('content'),
    readWanted({ store, memory, settings: config.settings, now: system.now() }, policy),
  ]);
  const desired = policy === undefined ? fresh : withHolesOf(withFormerSets(fresh, policy, actual), actual);
  const changes = judgedChanges(loaded, desired, actual);
  const situation = { policy, available, desired, actual, changes };
  return {
    stated,
    ...situation,
    config,
    unconfirmed,
    remembered: await memory.policy.read(),
    lost: lost && describeDamage(lost),
    otherFence: (await findFenceInOtherBackend(system, backendFor, actual.variant))?.variant,
    loaded,
    doubts,
    boundsOf,
    coverages: new Map(families.map((family) => [family, coverage(family, situation)])),
    conditions: await readConditions(system, { sshPorts: stated.stated.ssh_ports, available }),
    boot: await readBootFacts(system, await isSystemd(system)),
    listeners,
    timeIn: (seconds) => new Date(readAt + seconds * 1000).toISOString(),
    schedule: await findSchedule(system),
  };
}

/** What the policy asks for, as far as the cache goes. */
async function readWanted(
  inputs: Omit<ZoneInputs, 'force' | 'standsIn'>,
  policy: Policy | undefined,
): Promise<Pick<StatusInputs, 'loaded' | 'desired' | 'boundsOf' | 'doubts'>> {
  if (policy === undefined) {
    const loaded = { zones: [], missing: [] };
    return { loaded, doubts: [], desired: noFence, boundsOf: fenceBoundsOf([]) };
  }
  // What is fenced by now is not the doubtful zone, but the one before it.
  const asRestored = { ...inputs, force: new Set<string>(), standsIn: 'doubtful' as const };
  const { standIns: doubts, zones, missing } = await loadBelieved(asRestored, wantedZones(policy));
  const boundsOf = fenceBoundsOf(zones);
  return { loaded: { zones, missing }, doubts, boundsOf, desired: desiredState(policy, boundsOf) };
}
