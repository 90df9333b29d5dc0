import type { State } from '../firewall/model.ts';
import { keptSets } from '../plan/kept-sets.ts';
import type { StateDir } from '../state/state-dir.ts';

/** How long a set that the fence looks at no more stays: whoever saves rules on a switch has met them by then. */
const KEPT_MILLISECONDS = 7 * 24 * 60 * 60 * 1000;

/**
 * Reads when sets went out of use, and returns what tells whether a set that the fence looks at no more is to stay;
 * `now` is in milliseconds since the epoch. One of which nobody noted when stays.
 */
export async function readKept({ kept }: StateDir, now: number): Promise<(name: string) => boolean> {
  const since = (await kept.read())?.since ?? {};
  return (name) => !(now - Date.parse(since[name] ?? '') >= KEPT_MILLISECONDS);
}

/**
 * Notes since when each set that no rule of `desired` looks at is kept, as far as that was not noted before. Throws
 * GeofenceError when the state file cannot be written.
 */
export async function noteKept({ kept }: StateDir, desired: State, now: number): Promise<void> {
  const before = (await kept.read())?.since ?? {};
  // A clock that was set back must not keep a set for longer.
  const sinceOf = (name: string): string =>
    Date.parse(before[name] ?? '') <= now ? before[name]! : new Date(now).toISOString();
  const since = Object.fromEntries(keptSets(desired).map((name) => [name, sinceOf(name)]));
  if (JSON.stringify(since) === JSON.stringify(before)) return;
  await (Object.keys(since).length === 0 ? kept.forget() : kept.write({ since }));
}
