import { applyPolicy } from './apply-policy.ts';
import type { Context, Outcome } from './context.ts';
import { download } from './download.ts';
import { wantedZones } from './load-zones.ts';
import { changeLocked, fetchLocked } from './locked.ts';
import { requireNothingPending } from './pending.ts';
import { plan } from './plan.ts';
import { requirePolicy } from './policy.ts';

/** Makes the kernel hold the policy, with zones no older than wanted, and remembers the policy. */
export async function refresh(context: Context): Promise<Outcome> {
  if (context.flags.dryRun) return await plan(context, { script: false });
  const policy = requirePolicy(context.config);
  await requireNothingPending(context);
  await context.backend.probe();
  if (!context.flags.offline) {
    await fetchLocked(context, async (signal) => await download(context, wantedZones(policy), signal));
  }
  return await changeLocked(context, async (signal) => {
    await requireNothingPending(context);
    return await applyPolicy(context, policy, signal);
  });
}
