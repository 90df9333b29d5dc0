import { GeofenceError } from '../../errors.ts';
import { isOurSet } from '../names.ts';
import type { SetShape, SetState } from '../model.ts';
import { isSameMake } from '../set-shape.ts';
import type { Depth } from '../backend.ts';
import { stateOfName } from './temporary-sets.ts';
import { renderHeader } from './set-header.ts';
import type { Run } from '../../system/run.ts';
import { CommandError } from '../../system/run.ts';
import { ChunkedText } from '../../words/chunked-text.ts';
import { quoteLine } from './quote-line.ts';
import { SavedSets, parseListedSets } from './parse-sets.ts';
import type { FilledSet } from './set-script.ts';

/** Resolves after so many milliseconds. */
export type Sleep = (milliseconds: number) => Promise<void>;

/** The names of all sets in the kernel, ours or not; throws CommandError when ipset fails. */
export async function listSets(run: Run): Promise<string[]> {
  const { stdout } = await run('ipset', ['list', '-n']);
  return stdout
    .toString('utf8')
    .split('\n')
    .filter((name) => name !== '');
}

/**
 * Whether all sets of these names are ours. If all that exist are, they can be looked at in one go, as to start a tool
 * takes longer than what most of them print; if others have some, not: the kernel lets nobody swap or destroy a set
 * while it is listed.
 */
export const areAllOurs = (names: readonly string[]): boolean => names.every(isOurSet);

/**
 * Reads those of the sets `names` (all that exist) that are ours, by name and sorted; with depth `shape` without their
 * content. Throws CommandError when ipset fails, also for a set that has gone meanwhile.
 */
export async function readSets(
  run: Run,
  names: readonly string[],
  depth: Depth,
): Promise<Map<string, SetState>> {
  const ours = names.filter(isOurSet);
  const read = depth === 'content' ? saveSets : listShapes;
  const sets =
    ours.length > 0 && areAllOurs(names)
      ? await read(run, [])
      : (await Promise.all(ours.map(async (name) => await read(run, [name])))).flat();
  const kept = sets.filter(({ name }) => isOurSet(name)).sort((a, b) => (a.name < b.name ? -1 : 1));
  return new Map(kept.map((set) => [set.name, set]));
}

async function saveSets(run: Run, names: readonly string[]): Promise<SetState[]> {
  const saved = new SavedSets();
  await run('ipset', ['save', ...names], { onOutput: (chunk) => saved.add(chunk) });
  return saved.finish();
}

async function listShapes(run: Run, names: readonly string[]): Promise<SetState[]> {
  const { stdout } = await run('ipset', ['list', '-t', ...names]);
  return [...parseListedSets(stdout.toString('utf8'))].map(([name, { shape }]) => ({
    name,
    shape,
    ...stateOfName(name),
  }));
}

/** Reads what the set `name` is made for; throws CommandError when ipset fails, as for a set that does not exist. */
export async function readShape(run: Run, name: string): Promise<SetShape> {
  const [set] = await listShapes(run, [name]);
  if (set === undefined) throw new GeofenceError(`Cannot read set ${name}: ipset lists nothing`);
  return set.shape;
}

const ATTEMPTS = 20;
const PAUSE_MILLISECONDS = 100;

/**
 * Feeds a text to `ipset restore`, which stops at the first line it cannot carry out and keeps what it did. From a line
 * whose set is in use (the kernel frees one up to a second after its last rule went, and neither swaps nor destroys one
 * that is being listed) it goes on after a pause, up to 20 times for a line. Throws CommandError, with the line.
 */
export async function restoreSets(run: Run, sleep: Sleep, input: ChunkedText): Promise<void> {
  let rest = input;
  for (let attempt = 1; ; attempt++) {
    try {
      await run('ipset', ['restore'], { input: rest });
      return;
    } catch (error) {
      const line = busyLine(error);
      if (line > 1) attempt = 1;
      if (line === 0 || attempt === ATTEMPTS) throw quoteLine(error, rest);
      rest = ChunkedText.of(
        String(rest)
          .split('\n')
          .slice(line - 1)
          .join('\n'),
      );
    }
    await sleep(PAUSE_MILLISECONDS);
  }
}

/** The number of the line that failed because a set is in use, or 0. */
function busyLine(error: unknown): number {
  if (!(error instanceof CommandError)) return 0;
  return Number(/Error in line (\d+): .*(?:in use by|Device or resource busy)/.exec(error.stderr)?.[1] ?? 0);
}

/**
 * Feeds `input`, which fills sets that no rule looks at yet, to ipset, and compares shape and number of entries of each
 * with `filled`; `isAlone`: there are no sets of others, so all may be listed at once. Throws CommandError, or
 * GeofenceError for a set that came out wrong, after destroying the sets in `filled`.
 */
export async function prepareSets(
  run: Run,
  sleep: Sleep,
  input: ChunkedText,
  { filled, isAlone }: { readonly filled: readonly FilledSet[]; readonly isAlone: boolean },
): Promise<void> {
  try {
    await restoreSets(run, sleep, input);
    await checkFilled(run, filled, isAlone);
  } catch (error) {
    // They may not exist, if it failed early: what matters is the first error.
    for (const { name } of filled) await run('ipset', ['destroy', name]).catch(() => {});
    throw error;
  }
}

async function checkFilled(run: Run, filled: readonly FilledSet[], isAlone: boolean): Promise<void> {
  const asked = filled.length === 0 ? [] : isAlone ? [[]] : filled.map(({ name }) => [name]);
  const answers = await Promise.all(asked.map(async (names) => await run('ipset', ['list', '-t', ...names])));
  const listed = parseListedSets(answers.map(({ stdout }) => stdout.toString('utf8')).join('\n'));
  for (const { name, shape, entries } of filled) {
    const found = listed.get(name);
    if (found !== undefined && isSameMake(found.shape, shape) && found.entries === entries) continue;
    throw new GeofenceError(
      `Cannot fill set ${name}: wanted "${renderHeader(shape)}" with ${entries} entries, the kernel has:\n${found?.text ?? 'no such set'}`,
    );
  }
}
