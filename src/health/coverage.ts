import { isEmpty } from '../ip/bounds.ts';
import type { Family } from '../ip/family.ts';
import { DROP_CHAIN, ENTRY_CHAIN, HOOK, fenceSet } from '../firewall/names.ts';
import type { Policy } from '../policy/policy.ts';
import type { Change, Ruleset, State } from '../firewall/model.ts';
import { rulesOf } from '../firewall/model.ts';

/**
 * What the fence does about a family. `fenced`: every new packet meets it, whoever it is for. `doubtful`: it stands,
 * but not as it should, and may let in whom it should not. `down`: it should be fenced, and everybody gets in. `open`:
 * the policy leaves it alone. `absent`: the kernel does not have it.
 */
export type Coverage = 'fenced' | 'doubtful' | 'down' | 'open' | 'absent';

/** What `coverage` goes by: `changes` are what is missing from the actual state. */
export interface Situation {
  readonly policy: Policy | undefined;
  readonly available: readonly Family[];
  readonly actual: State;
  readonly changes: readonly Change[];
}

export function coverage(family: Family, { policy, available, actual, changes }: Situation): Coverage {
  if (!available.includes(family)) return 'absent';
  const stands = drops(rulesOf(actual, 'mangle', family));
  if (policy?.families.includes(family) !== true) return stands ? 'doubtful' : 'open';
  const concerning = changes.filter((change) => concerns(change, family));
  if (!stands || concerning.some((change) => keepsNobodyOut(change, policy))) return 'down';
  return concerning.length > 0 ? 'doubtful' : 'fenced';
}

const keepsNobodyOut = (change: Change, { fences }: Policy): boolean =>
  change.verb === 'replaceSet' &&
  isEmpty(change.before.bounds) &&
  fences.some(
    (fence) => fence.mode === 'deny' && fenceSet(fence, change.set.bounds.family) === change.set.name,
  );

/** Sets that are there for nothing change nothing, and without the early drop the fence drops the same packets. */
export function concerns(change: Change, family: Family): boolean {
  if (change.verb === 'destroySet') return false;
  if (change.verb === 'replaceRules' && change.rules.table !== 'mangle') return false;
  return (change.verb === 'replaceRules' ? change.rules : change.set.bounds).family === family;
}

/** Whether a packet that comes in may reach the rule that drops. */
function drops({ chains, jumps }: Ruleset): boolean {
  if (!jumps.some(({ chain, text }) => chain === HOOK && text === `-j ${ENTRY_CHAIN}`)) return false;
  const reached = new Set([ENTRY_CHAIN]);
  // A set that grows while it is gone through is gone through to its new end.
  for (const name of reached) {
    for (const { text } of chains.get(name) ?? []) {
      const target = / -[jg] (\S+)$/.exec(` ${text}`)?.[1];
      if (target !== undefined) reached.add(target);
    }
  }
  return reached.has(DROP_CHAIN) && chains.get(DROP_CHAIN)?.some(({ text }) => text === '-j DROP') === true;
}
