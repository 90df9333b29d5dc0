import type { DesiredState, State } from '../firewall/model.ts';
import { emptyBounds, wholeSpace } from '../ip/bounds.ts';
import { asWanted } from './as-wanted.ts';
import { desiredState, withEscapeSets } from './desired.ts';
import type { Policy } from '../policy/policy.ts';

/**
 * For early boot, where a saved ruleset that names a missing set cannot be restored and the host would come up without
 * any firewall: what is there, rules and all, and beside it every set that saved rules can name. Those are the sets of
 * the policy; those of the other mode, in case the rules were saved before it changed (such old rules let everybody in,
 * until the fence itself is restored); and those of earlier versions that `saved`, the text of the rulesets, names.
 */
export function withSavedSets(
  desired: DesiredState,
  actual: State,
  policy: Policy,
  saved: string,
): DesiredState {
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
