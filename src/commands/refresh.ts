import { readUnconfirmed, requireNoneWaiting } from '../apply/commit-confirm.ts';
import { refuseFenceInOtherBackend } from '../apply/other-backend.ts';
import { emptyDenials, reportApplied } from '../apply/prepare-policy.ts';
import { refreshPolicy } from '../apply/refresh-policy.ts';
import type { Refreshed } from '../apply/refresh-policy.ts';
import { changeLocked, lockedIn } from '../apply/with-lock.ts';
import { isStale } from '../zones/age.ts';
import type { LoadedZone } from '../zones/loaded-zone.ts';
import { loadZones } from '../cache/load-zones.ts';
import { wantedZones } from '../policy/wanted-zones.ts';
import { overriddenOptions } from '../config/overridden-options.ts';
import type { Context } from '../context/context.ts';
import { downloadInputsOf, lockingOf } from '../context/context.ts';
import type { Outcome } from '../context/outcome.ts';
import { requirePolicy, warnOfLostPolicy } from '../context/require-policy.ts';
import { GeofenceError, exitCodes } from '../errors.ts';
import { findWarnings } from '../health/warnings.ts';
import { readConditions } from '../host/read-conditions.ts';
import type { Policy } from '../policy/policy.ts';
import type { AppliedReport } from '../report/applied.ts';
import { renderApplied } from '../report/applied.ts';
import { download } from '../sources/download.ts';

/**
 * Makes the kernel hold the policy, with zones no older than wanted, and remembers the policy. Throws RefusedError when
 * a guard refuses, LockedError when another run is at work, GeofenceError when a zone cannot be had, a change waits to
 * be confirmed, or the kernel cannot be changed (it is as before then, if the error does not say otherwise).
 */
export async function refresh(context: Context): Promise<Outcome<AppliedReport>> {
  const { config, backend, backendFor, system, flags } = context;
  const { memory } = config;
  const policy = requirePolicy(config);
  warnOfLostPolicy(config, context.warn);
  requireNoneWaiting(await readUnconfirmed(memory, system));
  const isRemembered = (await memory.policy.read()) !== undefined;
  const needsZones = !flags.offline && !(await isCacheFine(context, policy));
  // What is in the way is said before a download, not after it; and to somebody who is not root before a folder that
  // cannot be locked. Else the change itself finds out at once.
  if (needsZones || !system.isRoot)
    await refuseFenceInOtherBackend(system, backendFor, (await backend.probe()).variant);
  const locking = lockingOf(context);
  if (needsZones) {
    const inputs = downloadInputsOf(context);
    await lockedIn(config.cacheDir, locking, async (signal) => {
      await download(inputs, wantedZones(policy), signal);
    });
  }
  const refreshed = await changeLocked(memory, locking, async (signal) => {
    // Fetching takes a while, and does not keep anybody from removing the fence.
    if (isRemembered && (await memory.policy.read()) === undefined)
      throw new GeofenceError('Cannot apply the fence: another run removed it meanwhile');
    const { force, confirmSeconds } = flags;
    return await refreshPolicy({ ...context, memory, force, confirmSeconds, signal }, policy);
  });
  await warnOfPolicy(context, refreshed);
  return outcomeOf(refreshed, flags.confirmSeconds);
}

/** Whether there is nothing to ask a source for, by the rules of `fetchZones`, and nothing to tidy up. */
async function isCacheFine({ config, store, system }: Context, policy: Policy): Promise<boolean> {
  const { zones, missing } = await loadZones(store, wantedZones(policy), system.now());
  const isYoung = (zone: LoadedZone): boolean =>
    !isStale(zone.ageMilliseconds, config.settings.max_zone_age_days);
  return missing.length === 0 && zones.every(isYoung) && !store.hasTemporary();
}

async function warnOfPolicy(
  { config, system, available, warn }: Context,
  { prepared, isNew }: Refreshed,
): Promise<void> {
  // Once for a policy: a job that says the same every week is read by nobody.
  if (isNew) {
    const conditions = await readConditions(system, { sshPorts: config.stated.ssh_ports, available });
    for (const { message } of findWarnings(prepared.policy, prepared.desired, conditions)) warn(message);
  }
  for (const option of await overriddenOptions(config))
    warn(`"${config.policyFile}" states the policy: ${option} holds until the next refresh without it`);
  for (const fence of emptyDenials(prepared)) warn(`"${fence}" holds no address: nobody is kept out`);
}

/** The report is worked out when it is asked for, which a job of cron's does not. */
const outcomeOf = (
  { prepared, changes, isOnTrial, isRemembered }: Refreshed,
  confirmSeconds: number | undefined,
): Outcome<AppliedReport> => ({
  exitCode: isRemembered ? exitCodes.done : exitCodes.drift,
  get report() {
    return {
      ...reportApplied(prepared, changes),
      ...(isOnTrial && confirmSeconds !== undefined ? { confirmSeconds } : {}),
    };
  },
  render: renderApplied,
});
