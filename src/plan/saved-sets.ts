import type { DesiredState, State } from '../firewall/model.ts';
import { emptyBounds, wholeSpace } from '../ip/bounds.ts';
import { asWanted } from './as-wanted.ts';
import { desiredState, withEscapeSets } from './desired.ts';
import { withSavedHoleSets } from './holes.ts';
import type { Policy } from '../policy/policy.ts';

/**
 * For early boot, where a saved ruleset that names a missing set cannot be restored and the host would come up without
 * any firewall. Returns the rules that are there, and every set that saved rules can name: those of the policy, those
 * of the other mode (such old rules let everybody in until the fence itself is restored), and those of earlier versions
 * that occur in `saved`, the text of the rulesets.
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
  const all = withEscapeSets(
    { sets, rulesets: kept.rulesets },
    policy,
    (name) => sets.has(name) || saved.includes(name),
  );
  return withSavedHoleSets(all, saved);
}
