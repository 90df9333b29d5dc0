import { GeofenceError } from '../../errors.ts';
import type { Run } from '../../system/run.ts';
import { ChunkedText } from '../../words/chunked-text.ts';
import type { SetEdit } from '../backend.ts';
import type { SetShape } from '../model.ts';
import type { TimedEntries } from './entries.ts';
import { byTimeLeft, changesOf, normalNetwork, outlasts, parseEntries, parseEntry } from './entries.ts';
import { editedSet } from './temporary-sets.ts';
import { parseHeader } from './set-header.ts';
import type { Sleep } from './run-ipset.ts';
import { listSets, readShape, restoreSets } from './run-ipset.ts';

/** A set as `ipset save` tells it. */
interface SavedSet {
  /** "create NAME hash:net family inet ..." */
  readonly create: string;
  readonly shape: SetShape;
  readonly entries: TimedEntries;
}

async function saveSet(run: Run, name: string): Promise<SavedSet> {
  const { stdout } = await run('ipset', ['save', name]);
  const [create = '', ...lines] = stdout.toString('utf8').trimEnd().split('\n');
  return { create, shape: parseHeader(create.split(' ').slice(2)), entries: parseEntries(name, lines) };
}

/**
 * Adds the entries of set `from` to set `to`, each with the time it has left, and returns them. With `before`, the
 * entries that were copied the other way already, only what was added or removed since. What others do to the target
 * meanwhile stays: an entry added to both gets the longer time, and one that was added again is not removed. Throws
 * CommandError when ipset fails.
 */
export async function copyEntries(
  run: Run,
  sleep: Sleep,
  { from, to }: { readonly from: string; readonly to: string },
  before?: TimedEntries,
): Promise<TimedEntries> {
  const source = await saveSet(run, from);
  // After the source, as late as can be: others may add to it all the time.
  const target = await saveSet(run, to);
  const { added, gone } = changesOf(before ?? new Map(), source.entries);
  const isLongerThere = (entry: string, seconds: number): boolean => {
    const left = target.entries.get(entry);
    return left !== undefined && outlasts(left, seconds);
  };
  const copiedTime = (entry: string): number =>
    target.shape.hasTimeouts ? roundedUp(before?.get(entry) ?? 0) : 0;
  // With another netmask an entry of the target may stand for several.
  const removable = source.shape.netmask === target.shape.netmask ? gone : [];
  const lines = [
    ...removable
      .filter((entry) => !isLongerThere(entry, copiedTime(entry)))
      .map((entry) => `del ${to} ${entry} -exist\n`),
    ...byTimeLeft(added)
      .filter(([entry, seconds]) => !isLongerThere(entry, seconds))
      .map(([entry, seconds]) => addLine(to, target.shape, entry, roundedUp(seconds))),
  ];
  if (lines.length > 0) await restoreSets(run, sleep, ChunkedText.of(lines.join('')));
  return source.entries;
}

/** The tool tells whole seconds, and some time goes by: better a second too long than one too short. */
const roundedUp = (seconds: number): number => (seconds === 0 ? 0 : Math.min(seconds + 1, MOST_SECONDS));

/** With "-exist" an entry that is there gets the new time; a set without timeouts takes none. */
const addLine = (name: string, { hasTimeouts }: SetShape, entry: string, seconds: number): string =>
  `add ${name} ${entry}${hasTimeouts ? ` timeout ${seconds}` : ''} -exist\n`;

/**
 * Adds and removes entries of the set `name`. A set of networks is made anew beside the old one and exchanged, because
 * in a live one the kernel misses others for a moment when the last of a prefix length goes (3,488 of 7.2 million
 * lookups); of two that do so at once one loses, so take a lock first. Throws GeofenceError for an entry or time that
 * the set does not take, before anything is changed, and CommandError when ipset fails.
 */
export async function editSet(
  run: Run,
  sleep: Sleep,
  name: string,
  edits: readonly SetEdit[],
): Promise<void> {
  if (edits.length === 0) return;
  const shape = await readShape(run, name);
  const checked = edits.map((edit) => checkEdit(name, shape, edit));
  if (shape.kind === 'networks') await rebuild(run, sleep, name, checked);
  else {
    const lines = checked.map((edit) => editLine(name, shape, edit));
    await restoreSets(run, sleep, ChunkedText.of(lines.join('')));
  }
}

/** What the kernel takes: 24 days. */
const MOST_SECONDS = 2_147_483;

/** The edit with its entry as the kernel tells it. ipset itself would ask a name server for what is no address. */
function checkEdit(name: string, shape: SetShape, edit: SetEdit): SetEdit {
  const found = parseEntry(shape, edit.entry);
  const refuse = (reason: string): GeofenceError => new GeofenceError(`Cannot change set ${name}: ${reason}`);
  if ('problem' in found) throw refuse(`${JSON.stringify(edit.entry)} is ${found.problem}`);
  if (edit.verb === 'add' && edit.seconds !== undefined) {
    if (!shape.hasTimeouts) throw refuse('its entries have no end');
    if (!Number.isInteger(edit.seconds) || edit.seconds < 0 || edit.seconds > MOST_SECONDS)
      throw refuse(`${edit.seconds} seconds are not between 0 and ${MOST_SECONDS}`);
  }
  return { ...edit, entry: found.entry };
}

const editLine = (name: string, shape: SetShape, edit: SetEdit): string =>
  edit.verb === 'remove'
    ? `del ${name} ${edit.entry} -exist\n`
    : addLine(name, shape, edit.entry, edit.seconds ?? 0);

async function rebuild(run: Run, sleep: Sleep, name: string, edits: readonly SetEdit[]): Promise<void> {
  const { create, shape, entries } = await saveSet(run, name);
  const { family } = shape;
  const left = new Map(
    [...entries].map(([entry, seconds]) => [(family && normalNetwork(family, entry)) ?? entry, seconds]),
  );
  for (const edit of edits) {
    if (edit.verb === 'add') left.set(edit.entry, edit.seconds ?? 0);
    else left.delete(edit.entry);
  }
  const aside = editedSet(name);
  const isLeftOver = (await listSets(run)).includes(aside);
  const lines = [
    ...(isLeftOver ? [`destroy ${aside}\n`] : []),
    `${create.replace(` ${name} `, ` ${aside} `).replace(/ (?:bucketsize|initval) \S+/g, '')}\n`,
    ...[...left].map(([entry, seconds]) => addLine(aside, shape, entry, seconds)),
    `swap ${aside} ${name}\n`,
    `destroy ${aside}\n`,
  ];
  try {
    await restoreSets(run, sleep, ChunkedText.of(lines.join('')));
  } catch (error) {
    // It may not exist, if it failed early: what matters is the first error.
    await run('ipset', ['destroy', aside]).catch(() => {});
    throw error;
  }
}
