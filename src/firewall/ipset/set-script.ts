import { linePieces } from '../../ip/lines.ts';
import type { Prefixes } from '../../ip/prefixes.ts';
import { prefixes } from '../../ip/prefixes.ts';
import { chooseLengths, splitPrefixes } from '../../ip/reduce.ts';
import type { Bounds } from '../../ip/bounds.ts';
import type { ExtraEntries, SetShape, SetSpec } from '../model.ts';
import { mostEntries } from '../set-shape.ts';
import { newSet } from './temporary-sets.ts';
import { renderHeader } from './set-header.ts';
import { ChunkedText } from '../../words/chunked-text.ts';

/** A set filled aside, and how many entries it must have when it is. */
export interface FilledSet {
  readonly name: string;
  readonly shape: SetShape;
  readonly entries: number;
  readonly script: ChunkedText;
}

/**
 * Returns the name (`NAME.new`, unless another is given), expected shape and number of entries, and the text for `ipset
 * restore` that creates and fills that set beside the one in use. Text and number are worked out when first asked for.
 */
export const fillScript = (set: SetSpec, name = newSet(set.name)): FilledSet => fill(set, name, MIN_ROOM);

/** What all this needs is worked out when it is first wanted: ipset can begin with the first set before the last one is. */
function fill(set: SetSpec, name: string, room: number): FilledSet {
  const { shape } = set;
  let entries: SetEntries | undefined;
  const list = (): SetEntries => (entries ??= entriesOf(set));
  const count = (): number => list().count;
  const script = new ChunkedText(
    () => 1 + count(),
    function* () {
      yield `${createLine(name, set, count(), room)}\n`;
      yield* list().lines(`add ${name} `);
    },
  );
  return {
    name,
    shape,
    get entries() {
      return count();
    },
    script,
  };
}

/** How many entries a set is made with, and pieces of the lines that add them, each of which begins with `lead`. */
interface SetEntries {
  readonly count: number;
  readonly lines: (lead: string) => Iterable<string>;
}

/** The networks of the set, split so that their prefix lengths are few; of one that others fill what it begins with. */
function entriesOf(set: SetSpec): SetEntries {
  if (set.owner === 'runtime') return firstEntriesOf(set);
  const split = splitOnce(set.bounds, set.extraEntries);
  return { count: split.lengths.length, lines: (lead) => linePieces(split, lead) };
}

/** The networks of sets by their content: those of several fences may be alike. */
const knownSplits = new WeakMap<Bounds, { readonly extra: ExtraEntries; readonly split: Prefixes }>();

function splitOnce(bounds: Bounds, extra: ExtraEntries): Prefixes {
  const last = knownSplits.get(bounds);
  if (last?.extra.count === extra.count && last.extra.share === extra.share) return last.split;
  const networks = withoutWhole(prefixes(bounds));
  const split = splitPrefixes(networks, chooseLengths(networks, mostEntries(networks.lengths.length, extra)));
  knownSplits.set(bounds, { extra, split });
  return split;
}

/** As many as there is room for. Without a protocol ipset takes a port for one of TCP, and asks no /etc/protocols. */
function firstEntriesOf({ shape, atFirst }: RuntimeSet): SetEntries {
  if (atFirst === undefined) return { count: 0, lines: () => [] };
  const end = ` timeout ${atFirst.seconds}`;
  if ('bounds' in atFirst) {
    const networks = withoutWhole(prefixes(atFirst.bounds));
    return { count: networks.lengths.length, lines: (lead) => linePieces(networks, lead, end) };
  }
  const connections = [...new Set(atFirst.connections)].slice(0, shape.maxEntries);
  return { count: connections.length, lines: (lead) => connections.map((key) => `${lead}${key}${end}\n`) };
}

type RuntimeSet = Extract<SetSpec, { owner: 'runtime' }>;

/**
 * The text for `ipset restore` that makes the set hold its content at once, for people to load: whether or not a set of
 * its name exists, and whatever a killed `ipset restore` left. "create -exist" fails on a set with another maxelem, so
 * that one is fixed for any usual content.
 */
export function setLoadScript(set: SetSpec): string {
  const { name, script, entries } = fill(set, newSet(set.name), LOADED_ROOM);
  const make = (which: string): string => `${createLine(which, set, entries, LOADED_ROOM)} -exist\n`;
  const filled = make(name) + destroyLine(name) + String(script);
  return filled + make(set.name) + swapLine(set.name) + destroyLine(name);
}

/** `hash:net` takes no /0: the whole address space is two halves. */
function withoutWhole(list: Prefixes): Prefixes {
  if (list.lengths[0] !== 0) return list;
  const words = new Int32Array(2 * list.family.width);
  words[list.family.width] = 0x80000000;
  return { ...list, words, lengths: Uint8Array.of(1, 1) };
}

/** What the kernel takes at least (it rounds up), and its default for the most. */
const MIN_HASH_SIZE = 1024;
const MIN_ROOM = 65536;
/** Twice the networks of all countries, and more; what is not used takes no memory. */
const LOADED_ROOM = 2 ** 20;

/** Buckets for each entry: an empty one ends a lookup at once. Of 8 bytes each; sixteen cost more than they save. */
const BUCKETS_PER_ENTRY = 4;

/**
 * Sized from the content: a table that has to grow while it is filled costs up to twice the time, and one that is too
 * small stops with "Hash is full". The double leaves room for an `ipset add` by hand.
 */
function createLine(name: string, { owner, shape }: SetSpec, entries: number, room: number): string {
  // A bitmap has room for each of its ports.
  if (shape.kind === 'ports') return `create ${name} ${renderHeader(shape)}`;
  const hashSize = BUCKETS_PER_ENTRY * Math.max(MIN_HASH_SIZE, powerOfTwoFrom(entries));
  const { maxEntries = room } = shape;
  const maxElements = owner === 'runtime' ? maxEntries : Math.max(maxEntries, powerOfTwoFrom(2 * entries));
  return `create ${name} ${renderHeader(shape)} hashsize ${hashSize} maxelem ${maxElements}`;
}

const powerOfTwoFrom = (n: number): number => 2 ** Math.ceil(Math.log2(Math.max(1, n)));

/** The line for `ipset restore` that exchanges `NAME.new`, or another set, with the set in use. */
export const swapLine = (name: string, other = newSet(name)): string => `swap ${other} ${name}\n`;

/** The line for `ipset restore` that renames `NAME.new` to the name, where no set has it yet. */
export const renameLine = (name: string): string => `rename ${newSet(name)} ${name}\n`;

/** The line for `ipset restore` that destroys a set. */
export const destroyLine = (name: string): string => `destroy ${name}\n`;
