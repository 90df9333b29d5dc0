import { emptyBounds, wholeSpace } from '../ip/bounds.ts';
import { diff } from '../plan/diff.ts';
import { desiredState } from '../plan/desired.ts';
import { asWanted } from '../plan/as-wanted.ts';
import type { Policy } from '../policy/policy.ts';
import type { DesiredState, State } from '../firewall/model.ts';
import { checkGuards, outcomeOf, preparePolicy } from './apply-policy.ts';
import { enforce } from './enforce.ts';
import type { Context, Outcome } from '../context/context.ts';
import { isSamePolicy } from '../state/same-policy.ts';

/**
 * Puts a policy in force from the cache. When it was in force before, whom it cuts off was cut off before, so the
 * guards that look at sessions are not asked: a fence that a restart wiped must not stay away for an intruder's.
 *
 * `setsOnly` is for early boot: a saved ruleset that names a missing set cannot be restored, and the host would come
 * up without any firewall.
 */
export async function restorePolicy(
  context: Context,
  policy: Policy,
  { setsOnly }: { setsOnly: boolean },
): Promise<Outcome> {
  const { config, backend, signal } = context;
  const [before, prepared] = await Promise.all([backend.read('content'), preparePolicy(context, policy)]);
  const desired = setsOnly ? withSetsOf(before, prepared.desired, policy) : prepared.desired;
  const changes = diff(desired, before);
  const wasInForce = setsOnly || isSamePolicy(config, await config.memory.policy.read());
  if (changes.length > 0) await checkGuards(context, prepared, wasInForce ? prepared.desired : before);
  signal.throwIfAborted();
  if (changes.length > 0) await enforce(backend, desired, before, changes);
  return outcomeOf(prepared, changes);
}

/**
 * What is there, rules and all, and beside it every set that saved rules can name: those of the policy, and those of
 * the other mode, in case the rules were saved before it changed. Such old rules let everybody in, until the fence
 * itself is restored.
 */
function withSetsOf(actual: State, desired: DesiredState, policy: Policy): DesiredState {
  const fences = policy.fences.map(
    (fence) => ({ ...fence, mode: fence.mode === 'allow' ? 'deny' : 'allow' }) as const,
  );
  const others = desiredState({ ...policy, fences }, ({ mode }, family) =>
    mode === 'allow' ? wholeSpace(family) : emptyBounds(family),
  );
  const kept = asWanted(actual);
  return { sets: new Map([...others.sets, ...kept.sets, ...desired.sets]), rulesets: kept.rulesets };
}
