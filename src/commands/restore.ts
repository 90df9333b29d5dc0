import { putInForce } from './apply-policy.ts';
import type { Context, Outcome } from './context.ts';
import { changeLockedIfPossible } from './locked.ts';
import { plan } from './plan.ts';
import { requirePolicy } from './policy.ts';

/**
 * Puts the fence back from the cache, whatever its age: at boot and after a firewall restart there may be no network.
 * A change that waits to be confirmed is not put back: that is what it waits for.
 */
export async function restore(context: Context, { setsOnly }: { setsOnly: boolean }): Promise<Outcome> {
  const offline = { ...context, flags: { ...context.flags, offline: true } };
  if (context.flags.dryRun) return await plan(offline, { script: false });
  const policy = requirePolicy(context.config);
  await context.backend.probe();
  return await changeLockedIfPossible(context, async (signal) => {
    const outcome = await putInForce(offline, policy, { signal, setsOnly });
    await context.config.memory.pending.forget();
    return outcome;
  });
}
