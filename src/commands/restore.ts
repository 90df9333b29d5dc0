import { applyPolicy } from './apply-policy.ts';
import type { Context, Outcome } from './context.ts';
import { locked } from './locked.ts';
import { plan } from './plan.ts';
import { requirePolicy } from './policy.ts';

/** Puts the fence back from the cache, whatever its age: at boot and after a firewall restart there may be no network. */
export async function restore(context: Context): Promise<Outcome> {
  const offline = { ...context, flags: { ...context.flags, offline: true } };
  if (context.flags.dryRun) return await plan(offline, { script: false });
  const policy = requirePolicy(context.config);
  await context.backend.probe();
  return await locked(context, async (signal) => await applyPolicy(offline, policy, signal));
}
