import { GeofenceError } from '../../errors.ts';
import type { Run } from '../../system/run.ts';
import { ChunkedText } from '../../words/chunked-text.ts';
import type { SetEdit } from '../backend.ts';
import { newSet } from './new-set.ts';
import { parseHeader } from './set-header.ts';
import { destroyLine, swapLine } from './set-script.ts';
import type { Sleep } from './run-ipset.ts';
import { restoreSets } from './run-ipset.ts';

/** A set in the words of `ipset save`. */
interface SavedSet {
  /** "create NAME hash:net family inet ..." */
  readonly create: string;
  /** What stands behind "add NAME " in each line. */
  readonly entries: readonly string[];
}

async function save(run: Run, name: string): Promise<SavedSet> {
  const { stdout } = await run('ipset', ['save', name]);
  const [create = '', ...lines] = stdout.toString('utf8').trimEnd().split('\n');
  return { create, entries: lines.map((line) => line.slice(`add ${name} `.length)) };
}

/** Adds the entries of one set to another, with the time each has left. Those of a set without timeouts have none. */
export async function copyEntries(run: Run, sleep: Sleep, from: string, to: string): Promise<void> {
  const [{ entries }, target] = await Promise.all([save(run, from), save(run, to)]);
  const { hasTimeouts } = shapeOf(target);
  const lines = entries.map((entry) => `add ${to} ${hasTimeouts ? entry : withoutTimeout(entry)} -exist\n`);
  if (lines.length > 0) await restoreSets(run, sleep, ChunkedText.of(lines.join('')));
}

const shapeOf = ({ create }: SavedSet) => parseHeader(create.split(' ').slice(2));

const withoutTimeout = (entry: string): string => entry.replace(/ timeout \d+/, '');

/**
 * Changes entries of a set. In a live set of networks the kernel misses others for a moment when the last one of a
 * prefix length goes (3,488 of 7.2 million lookups), so such a set is made anew beside the old one and exchanged:
 * whoever does that at the same time as another loses, and must have a lock.
 */
export async function editSet(
  run: Run,
  sleep: Sleep,
  name: string,
  edits: readonly SetEdit[],
): Promise<void> {
  if (edits.length === 0) return;
  const { stdout } = await run('ipset', ['list', '-t', name]);
  const isOfNetworks = /^Type: hash:net$/m.test(stdout.toString('utf8'));
  const lines = isOfNetworks
    ? await rebuiltLines(run, name, edits)
    : edits.map((edit) => editLine(name, edit));
  await restoreSets(run, sleep, ChunkedText.of(lines.join('')));
}

/** With "-exist" an entry that is there gets the new time, and one that is not there need not go. */
function editLine(name: string, edit: SetEdit): string {
  const entry = checked(edit.entry);
  if (edit.verb === 'remove') return `del ${name} ${entry} -exist\n`;
  return `add ${name} ${entry}${edit.seconds === undefined ? '' : ` timeout ${edit.seconds}`} -exist\n`;
}

async function rebuiltLines(run: Run, name: string, edits: readonly SetEdit[]): Promise<string[]> {
  const { create, entries } = await save(run, name);
  const left = new Set(entries.map(withoutLength));
  for (const { verb, entry } of edits) {
    if (verb === 'add') left.add(withoutLength(checked(entry)));
    else left.delete(withoutLength(checked(entry)));
  }
  const aside = newSet(name);
  return [
    `${create.replace(` ${name} `, ` ${aside} `).replace(/ (?:bucketsize|initval) \S+/g, '')}\n`,
    ...[...left].map((entry) => `add ${aside} ${entry}\n`),
    swapLine(name),
    destroyLine(aside),
  ];
}

/** ipset prints the network of a single address without its length. */
const withoutLength = (entry: string): string => entry.replace(entry.includes(':') ? /\/128$/ : /\/32$/, '');

/** An entry is one word for ipset: addresses, networks and ports have no other characters. */
function checked(entry: string): string {
  if (/^[\da-f.:/]+$/i.test(entry)) return entry;
  throw new GeofenceError(`Cannot change a set: ${JSON.stringify(entry)} is no address, network or port`);
}
