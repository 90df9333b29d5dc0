import { emptyBounds, wholeSpace } from '../ip/bounds.ts';
import { diff } from '../plan/diff.ts';
import { readSavedRulesets } from '../host/saved-rulesets.ts';
import { desiredState, withEscapeSets } from '../plan/desired.ts';
import { asWanted } from '../plan/as-wanted.ts';
import type { Policy } from '../policy/policy.ts';
import type { DesiredState, State } from '../firewall/model.ts';
import { checkGuards, keepEscapeSets, outcomeOf, preparePolicy } from './apply-policy.ts';
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
  const [before, fresh] = await Promise.all([backend.read('content'), preparePolicy(context, policy)]);
  const prepared = keepEscapeSets(fresh, before);
  const desired = setsOnly
    ? withSetsOf(before, prepared.desired, policy, await readSavedRulesets(context.system.readText))
    : prepared.desired;
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
function withSetsOf(actual: State, desired: DesiredState, policy: Policy, saved: string): DesiredState {
  const fences = policy.fences.map(
    (fence) => ({ ...fence, mode: fence.mode === 'allow' ? 'deny' : 'allow' }) as const,
  );
  const others = desiredState({ ...policy, fences }, ({ mode }, family) =>
    mode === 'allow' ? wholeSpace(family) : emptyBounds(family),
  );
  const kept = asWanted(actual);
  const sets = new Map([...others.sets, ...kept.sets, ...desired.sets]);
  return withEscapeSets(
    { sets, rulesets: kept.rulesets },
    policy,
    (name) => sets.has(name) || saved.includes(name),
  );
}
