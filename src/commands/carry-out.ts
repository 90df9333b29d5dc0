import type { Counting } from '../cache/memory.ts';
import { enforce } from '../firewall/enforce.ts';
import type { Change, State } from '../plan/state.ts';
import type { Context } from './context.ts';
import { bootIdOf, ifSound } from './pending.ts';

/**
 * Makes the kernel hold `target`, and notes since when the rules count. The note is best effort: that the fence comes
 * back matters more, and at boot the disk may be read-only.
 */
export async function carryOut(
  context: Context,
  target: State,
  before: State,
  changes: readonly Change[],
): Promise<void> {
  const { backend, config, system } = context;
  const { counting } = config.memory;
  const replaced = changes.filter((change) => change.verb === 'replaceRules').map(({ rules }) => rules);
  if (replaced.length === 0) return await enforce(backend, target, before, changes);
  const earlier = await countingSince(context);
  // Whoever is killed before the new note leaves none, and so nothing that is wrong.
  await counting.forget().catch(() => {});
  await enforce(backend, target, before, changes);
  if (target.rulesets.every(({ chains }) => chains.size === 0)) return;
  const now = new Date(system.now()).toISOString();
  const since = { ...earlier, ...Object.fromEntries(replaced.map(({ family }) => [family.name, now])) };
  await counting.write({ bootId: await bootIdOf(context), since }).catch(() => {});
}

/** When the rules of each family were put in place, as far as it is known. */
export async function countingSince(context: Context): Promise<Counting['since']> {
  const noted = await ifSound(context.config.memory.counting.read());
  return noted?.bootId === (await bootIdOf(context)) ? noted.since : {};
}
