import type { CounterEpoch } from '../state/state-dir.ts';
import { enforce } from './enforce.ts';
import { families } from '../ip/family.ts';
import type { Actual } from '../firewall/backend.ts';
import type { Change, DesiredState, Ruleset } from '../firewall/model.ts';
import { hasRules } from '../firewall/rulesets.ts';
import type { Context } from '../context/context.ts';
import { bootIdOf, tryRead } from './commit-confirm.ts';

/**
 * Makes the kernel hold `target`, and notes since when the rules count. The note is best effort: that the fence comes
 * back matters more, and at boot the disk may be read-only.
 */
export async function applyChanges(
  context: Context,
  target: DesiredState,
  before: Actual,
  changes: readonly Change[],
): Promise<void> {
  const { backend, config, system } = context;
  const { counting } = config.memory;
  const replaced = changes.filter((change) => change.what === 'rules').map(({ rules }) => rules);
  if (replaced.length === 0) return await enforce(backend, target, before, changes);
  const earlier = await countingSince(context);
  // Whoever is killed before the new note leaves none, and so nothing that is wrong.
  await counting.forget().catch(() => {});
  await enforce(backend, target, before, changes);
  const now = new Date(system.now()).toISOString();
  const since = sinceOf(target, replaced, earlier, now);
  if (Object.keys(since).length === 0) return;
  await counting.write({ bootId: await bootIdOf(context), since }).catch(() => {});
}

/** A family whose rules count in two tables has no beginning when those of one were replaced. */
function sinceOf(
  target: DesiredState,
  replaced: readonly Ruleset[],
  earlier: CounterEpoch['since'],
  now: string,
): CounterEpoch['since'] {
  const times = families.flatMap((family): [string, string][] => {
    const standing = target.rulesets.filter((rules) => rules.family === family && hasRules(rules));
    const fresh = standing.filter((rules) => replaced.includes(rules));
    const time = fresh.length === 0 ? earlier[family.name] : now;
    const isMixed = fresh.length > 0 && fresh.length < standing.length;
    return standing.length === 0 || isMixed || time === undefined ? [] : [[family.name, time]];
  });
  return Object.fromEntries(times);
}

/** When the rules of each family were put in place, as far as it is known. */
export async function countingSince(context: Context): Promise<CounterEpoch['since']> {
  const noted = await tryRead(context.config.memory.counting.read());
  return noted?.bootId === (await bootIdOf(context)) ? noted.since : {};
}
