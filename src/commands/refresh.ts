import { rememberPolicy } from '../config/load.ts';
import { applyPolicy } from './apply-policy.ts';
import type { Context, Outcome } from './context.ts';
import { download } from './download.ts';
import { wantedZones } from './load-zones.ts';
import { locked } from './locked.ts';
import { plan } from './plan.ts';
import { requirePolicy } from './policy.ts';

/** Makes the kernel hold the policy, with zones no older than wanted, and remembers the policy. */
export async function refresh(context: Context): Promise<Outcome> {
  if (context.flags.dryRun) return await plan(context, { script: false });
  const policy = requirePolicy(context.config);
  await context.backend.probe();
  return await locked(context, async (signal) => {
    if (!context.flags.offline) await download(context, wantedZones(policy), signal);
    const outcome = await applyPolicy(context, policy, signal);
    await rememberPolicy(context.config);
    return outcome;
  });
}
