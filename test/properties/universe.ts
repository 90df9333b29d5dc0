import fc from 'fast-check';
import type { Bounds } from '../../src/ip/bounds.ts';
import type { Family } from '../../src/ip/family.ts';
import { ipv4, ipv6 } from '../../src/ip/family.ts';
import { numberOf, wordsOfNumber } from '../ip/model.ts';

/** So few that fast-check meets every neighbourhood, and a failing case can be read. */
export const CELLS = 32;

/** A window of CELLS blocks of 2^unit addresses each, somewhere in the address space. */
export interface Universe {
  readonly name: string;
  readonly family: Family;
  readonly base: bigint;
  readonly unit: number;
}

const centred = (family: Family, middle: string, unit: number): bigint =>
  numberOf(family, middle) - BigInt(CELLS / 2) * 2n ** BigInt(unit);

const atEnd = ({ bits }: Family, unit: number): bigint =>
  2n ** BigInt(bits) - BigInt(CELLS) * 2n ** BigInt(unit);

export const universes: readonly Universe[] = [
  { name: 'the first addresses', family: ipv4, base: 0n, unit: 0 },
  { name: 'the last addresses', family: ipv4, base: atEnd(ipv4, 0), unit: 0 },
  { name: 'addresses around the sign bit', family: ipv4, base: centred(ipv4, '128.0.0.0', 0), unit: 0 },
  { name: '/24s in the middle', family: ipv4, base: centred(ipv4, '10.0.0.0', 8), unit: 8 },
  { name: 'the whole space', family: ipv4, base: 0n, unit: 27 },
  { name: 'the first addresses', family: ipv6, base: 0n, unit: 0 },
  { name: 'the last addresses', family: ipv6, base: atEnd(ipv6, 0), unit: 0 },
  { name: 'addresses across three words', family: ipv6, base: centred(ipv6, '2001:db8:1::', 0), unit: 0 },
  { name: '/64s across the second word', family: ipv6, base: centred(ipv6, '2001:db9::', 64), unit: 64 },
  {
    name: '/58s, keys and long prefixes mixed',
    family: ipv6,
    base: centred(ipv6, '2001:db9::', 70),
    unit: 70,
  },
  { name: '/58s at the end', family: ipv6, base: atEnd(ipv6, 70), unit: 70 },
  { name: '/35s across the first word', family: ipv6, base: centred(ipv6, '2001:db8::', 93), unit: 93 },
  { name: '/97s inside the last words', family: ipv6, base: centred(ipv6, '8000:0:0:1::', 31), unit: 31 },
  { name: 'the whole space', family: ipv6, base: 0n, unit: 123 },
];

/** Which cells belong to a set, "#" or ".": the model everything is compared with, and readable when a case fails. */
export type Bitmap = string;

export const bitmapOf = (isIn: (cell: number) => boolean): Bitmap =>
  Array.from({ length: CELLS }, (_, cell) => (isIn(cell) ? '#' : '.')).join('');

export const has = (cells: Bitmap, cell: number): boolean => cells[cell] === '#';

const sparse = fc.string({ unit: fc.constantFrom('#', '.'), minLength: CELLS, maxLength: CELLS });
/** Long runs: what zones look like, and what makes wide prefixes. */
const runs = fc
  .array(fc.integer({ min: 1, max: CELLS }), { minLength: 1, maxLength: 8 })
  .map((lengths) => lengths.map((length, i) => (i % 2 === 1 ? '#' : '.').repeat(length)).join(''))
  .map((cells) => cells.slice(0, CELLS));
export const bitmap: fc.Arbitrary<Bitmap> = fc.oneof(
  sparse,
  runs.map((cells) => cells.padEnd(CELLS, '.')),
  runs.map((cells) => cells.padStart(CELLS, '#')),
);

/** The number of a cell's first address. */
export const firstOf = ({ base, unit }: Universe, cell: number): bigint =>
  base + BigInt(cell) * 2n ** BigInt(unit);

/** Where a bitmap changes between out and in. */
function changesOf(universe: Universe, cells: Bitmap): bigint[] {
  const places = Array.from({ length: CELLS + 1 }, (_, cell) => cell);
  const changes = places.filter((cell) => has(cells, cell) !== has(cells, cell - 1));
  return changes.map((cell) => firstOf(universe, cell));
}

/** The set of a bitmap, written down boundary by boundary. */
export function boundsOf(universe: Universe, cells: Bitmap): Bounds {
  const { family } = universe;
  const numbers = changesOf(universe, cells).filter((number) => number < 2n ** BigInt(family.bits));
  return {
    family,
    words: Int32Array.from(numbers.flatMap((number) => [...wordsOfNumber(number, family.width)])),
  };
}

/** Half-open ranges of a bitmap as numbers. */
export function rangesOf(universe: Universe, cells: Bitmap): [bigint, bigint][] {
  const numbers = changesOf(universe, cells);
  return Array.from({ length: numbers.length / 2 }, (_, i) => [
    numbers[2 * i] ?? 0n,
    numbers[2 * i + 1] ?? 0n,
  ]);
}

/** One network of the universe: `length` bits from `first`. */
export interface Network {
  readonly first: bigint;
  readonly length: number;
}

/** The fewest networks that cover the ranges, by splitting the whole space in halves: slow and plain. */
export function splitInHalves(family: Family, ranges: readonly [bigint, bigint][]): Network[] {
  const split = (first: bigint, length: number): Network[] => {
    const end = first + 2n ** BigInt(family.bits - length);
    if (ranges.every(([from, to]) => to <= first || from >= end)) return [];
    if (ranges.some(([from, to]) => from <= first && to >= end)) return [{ first, length }];
    return [...split(first, length + 1), ...split((first + end) / 2n, length + 1)];
  };
  return split(0n, 0);
}

/** A network of the universe that starts at `cell`: as wide as asked for, where it is aligned and inside. */
export function networkAt(universe: Universe, cell: number, doublings: number): Network {
  const first = firstOf(universe, cell);
  let bits = universe.unit;
  for (let i = 0; i < doublings; i++) {
    const next = 2n ** BigInt(bits + 1);
    if (first % next === 0n && first + next <= firstOf(universe, CELLS)) bits++;
  }
  return { first, length: universe.family.bits - bits };
}
