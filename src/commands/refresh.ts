import { isStale } from '../cache/age.ts';
import { GeofenceError } from '../errors.ts';
import type { Policy } from '../policy/policy.ts';
import { applyPolicy } from '../apply/apply-policy.ts';
import type { Context, Outcome } from '../context/context.ts';
import { download } from '../sources/download.ts';
import type { LoadedZone } from '../cache/load-zones.ts';
import { loadZones, wantedZones } from '../cache/load-zones.ts';
import { changeLocked, fetchLocked } from '../apply/with-lock.ts';
import { readUnconfirmed, refuseReverted, requireNoneWaiting } from '../apply/commit-confirm.ts';
import { plan } from './plan.ts';
import { requirePolicy, warnOfLostPolicy } from '../config/require-policy.ts';
import { refuseFenceInOtherBackend } from '../apply/other-backend.ts';
import { rollBack } from '../apply/roll-back.ts';

/** Makes the kernel hold the policy, with zones no older than wanted, and remembers the policy. */
export async function refresh(context: Context): Promise<Outcome> {
  if (context.flags.dryRun) return await plan(context, { script: false });
  const policy = requirePolicy(context.config);
  warnOfLostPolicy(context);
  requireNoneWaiting(await readUnconfirmed(context));
  const isFenced = await hasPolicy(context);
  const needsZones = !context.flags.offline && !(await isCacheFine(context, policy));
  // What is in the way is said before a download, not after it; and to somebody who is not root before a folder that
  // cannot be locked. Else the change itself finds out at once.
  if (needsZones || !context.system.isRoot)
    await refuseFenceInOtherBackend(context, (await context.backend.probe()).variant);
  if (needsZones) {
    await fetchLocked(context, async (signal) => await download(context, wantedZones(policy), signal));
  }
  return await changeLocked(context, async (signal) => {
    // Fetching takes a while, and does not keep anybody from removing the fence.
    if (isFenced && !(await hasPolicy(context))) {
      throw new GeofenceError('Cannot apply the fence: another run removed it meanwhile');
    }
    return await change({ ...context, signal }, policy);
  });
}

/** Whether there is nothing to ask a source for, by the rules of `fetchZones`, and nothing to tidy up. */
async function isCacheFine({ config, store, system }: Context, policy: Policy): Promise<boolean> {
  const { zones, missing } = await loadZones(store, wantedZones(policy), system.now());
  const isYoung = (zone: LoadedZone): boolean =>
    !isStale(zone, system.now(), config.settings.max_zone_age_days);
  return missing.length === 0 && zones.every(isYoung) && !store.hasTemporary();
}

const hasPolicy = async ({ config }: Context): Promise<boolean> =>
  (await config.memory.policy.read()) !== undefined;

async function change(context: Context, policy: Policy): Promise<Outcome> {
  const unconfirmed = await readUnconfirmed(context);
  requireNoneWaiting(unconfirmed);
  if (unconfirmed?.state === 'expired') {
    await refuseFenceInOtherBackend(context, (await context.backend.probe()).variant);
    context.warn(
      `taking back the change that nobody confirmed until ${unconfirmed.pending.until}: its timer is gone`,
    );
    await rollBack(context, { isAsked: false });
  }
  refuseReverted(context, await readUnconfirmed(context));
  return await applyPolicy(context, policy);
}
