import { GeofenceError } from '../errors.ts';
import type { HoleTarget } from '../config/hole.ts';
import type { Actual, Backend, SetEdit } from '../firewall/backend.ts';
import type { State } from '../firewall/model.ts';
import { noFence } from '../firewall/rulesets.ts';
import { asWanted } from '../plan/as-wanted.ts';
import { fencedIn, hasHoleSets, withHoles } from '../plan/holes.ts';
import { holePortSet, holeSourceSet } from '../plan/set-names.ts';
import { applyPolicy } from './apply-policy.ts';

interface SetEdits {
  readonly set: string;
  readonly entries: readonly string[];
}

/** The entries that stand for what is opened or closed. */
const entriesOf = (target: HoleTarget): SetEdits[] =>
  'from' in target
    ? [{ set: holeSourceSet(target.from.family), entries: [target.from.address] }]
    : target.ports.map(({ protocol, ranges }) => ({
        set: holePortSet(protocol),
        entries: ranges.map(({ from, to }) => (from === to ? String(from) : `${from}-${to}`)),
      }));

/**
 * Opens what `target` says for so long, from now on; the kernel closes it. Where nothing was opened before, sets and
 * rules are made: the fence itself stays as it is. Returns the state before. Needs the locks of state and kernel. Throws
 * GeofenceError when nothing is fenced, or the kernel cannot be changed.
 */
export async function openHole(
  backend: Backend,
  target: HoleTarget,
  { seconds, signal }: { readonly seconds: number; readonly signal: AbortSignal },
): Promise<State> {
  let before: State = noFence;
  await applyPolicy(
    backend,
    {
      wanted: () => Promise.resolve(noFence),
      keep: (_, actual) => {
        requireFence(target, actual);
        before = actual;
        return withHoles(asWanted(actual));
      },
    },
    { signal },
  );
  for (const { set, entries } of entriesOf(target))
    await backend.edit(
      set,
      entries.map((entry) => ({ verb: 'add', entry, seconds })),
    );
  return before;
}

function requireFence(target: HoleTarget, actual: Actual): void {
  const fenced = fencedIn(actual);
  if (fenced.length === 0)
    throw new GeofenceError('Cannot open a hole: nothing is fenced, everybody gets in', {
      hint: 'geofence status says more',
    });
  if ('from' in target && !fenced.includes(target.from.family))
    throw new GeofenceError(
      `Cannot open a hole for ${target.from.address}: ${target.from.family.label} is not fenced`,
    );
}

/**
 * Closes what `target` says; returns whether there is anything to close at all. Entries that `others`, an earlier state,
 * had get back what is left of their time, `secondsAgo` later. Throws GeofenceError when the kernel cannot be changed.
 */
export async function closeHole(
  backend: Backend,
  target: HoleTarget,
  earlier?: { readonly state: State; readonly secondsAgo: number },
): Promise<boolean> {
  const { sets } = await backend.read('shape');
  if (!hasHoleSets({ sets })) return false;
  for (const { set, entries } of entriesOf(target))
    if (sets.has(set))
      await backend.edit(set, [
        ...entries.map((entry): SetEdit => ({ verb: 'remove', entry })),
        ...stillOpen(set, target, earlier),
      ]);
  return true;
}

/** What was opened by others, and is not over. */
function stillOpen(
  set: string,
  target: HoleTarget,
  earlier: { readonly state: State; readonly secondsAgo: number } | undefined,
): SetEdit[] {
  if (earlier === undefined) return [];
  return [...(earlier.state.sets.get(set)?.timed ?? [])]
    .filter(([entry]) => isOf(target, set, entry))
    .map(([entry, left]) => [entry, left === 0 ? 0 : left - earlier.secondsAgo] as const)
    .filter(([entry, left]) => left > 0 || earlier.state.sets.get(set)?.timed?.get(entry) === 0)
    .map(([entry, seconds]) => ({ verb: 'add', entry, seconds: Math.ceil(seconds) }));
}

const isOf = (target: HoleTarget, set: string, entry: string): boolean =>
  'from' in target
    ? target.from.address === entry
    : target.ports.some(
        ({ protocol, ranges }) =>
          holePortSet(protocol) === set &&
          ranges.some(({ from, to }) => from <= Number(entry) && Number(entry) <= to),
      );

/** Closes every hole; returns whether there is anything to close at all. */
export async function closeAllHoles(backend: Backend): Promise<boolean> {
  const { sets } = await backend.read('content');
  for (const { name, timed } of sets.values()) {
    const isHole = hasHoleSets({ sets: new Map([[name, sets.get(name)!]]) });
    if (!isHole || timed === undefined || timed.size === 0) continue;
    const isPorts = sets.get(name)?.shape.kind === 'ports';
    const entries = isPorts ? ['0-65535'] : [...timed.keys()];
    await backend.edit(
      name,
      entries.map((entry) => ({ verb: 'remove', entry })),
    );
  }
  return hasHoleSets({ sets });
}
