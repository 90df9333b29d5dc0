import { resolveConfig } from '../config/resolve.ts';
import { GeofenceError, exitCodes } from '../errors.ts';
import { describeChange } from '../plan/describe-change.ts';
import { formatTable, listRows } from '../words/format.ts';
import type { Context, Outcome } from '../context/context.ts';
import { changeLockedIfPossible } from '../apply/with-lock.ts';
import { isReverted, readUnconfirmed } from '../apply/commit-confirm.ts';
import { plan } from './plan.ts';
import { requirePolicy, warnOfLostPolicy } from '../config/require-policy.ts';
import { restorePolicy } from '../apply/restore-policy.ts';
import { refuseFenceInOtherBackend } from '../apply/other-backend.ts';
import { rollBack } from '../apply/roll-back.ts';
import { limitFamilies } from '../policy/limit-families.ts';

/**
 * Puts the fence back from the cache, whatever its age: at boot and after a firewall restart there may be no network.
 * A change that waits to be confirmed is not put back but taken back: that is what it waits for.
 */
export async function restore(context: Context, { setsOnly }: { setsOnly: boolean }): Promise<Outcome> {
  const offline = { ...context, flags: { ...context.flags, offline: true } };
  if (context.flags.dryRun) return await plan(offline, { script: false });
  await refuseFenceInOtherBackend(context, (await context.backend.probe()).variant);
  return await changeLockedIfPossible(offline, async (signal) => {
    const unconfirmed = await readUnconfirmed(context);
    const isOpen = unconfirmed?.state === 'waiting' || unconfirmed?.state === 'expired';
    if (isOpen && !setsOnly) return await rollBackUnconfirmed({ ...offline, signal });
    const confirmed = isOpen || isReverted(context, unconfirmed) ? await asConfirmed(offline) : offline;
    const policy = requirePolicy(confirmed.config);
    warnOfLostPolicy(confirmed);
    return await restorePolicy({ ...confirmed, signal }, policy, { setsOnly });
  });
}

async function rollBackUnconfirmed(context: Context): Promise<Outcome> {
  context.warn('taking back the change that waited to be confirmed');
  const done = (await rollBack(context, { isAsked: false })).map(describeChange);
  return {
    exitCode: exitCodes.done,
    text: formatTable(listRows('done', done, 'nothing, the fence was as before')),
    json: { applied: done.length > 0, changes: done },
  };
}

/** The configuration file states a policy that nobody confirmed: the one in force before counts. */
async function asConfirmed(context: Context): Promise<Context> {
  const { config, warn } = context;
  const remembered = await config.memory.policy.read();
  if (remembered === undefined) {
    throw new GeofenceError('Refusing to apply: the policy was taken back, for nobody confirmed it', {
      exitCode: exitCodes.refused,
      hint: 'put it on trial again with "geofence refresh --confirm 60"',
    });
  }
  warn('the policy was taken back, for nobody confirmed it; the one before it counts');
  const earlier = await resolveConfig([{ origin: 'the last refresh', settings: remembered.inForce }]);
  return { ...context, config: { ...config, ...limitFamilies(earlier, context.available) } };
}
