import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Bounds } from '../../src/ip/bounds.ts';
import {
  contains,
  countAddresses,
  emptyBounds,
  equalBounds,
  intersect,
  isEmpty,
  subtract,
  union,
  unionAll,
} from '../../src/ip/bounds.ts';
import { coveringPrefix } from '../../src/ip/prefixes.ts';
import { wordsOfNumber } from '../ip/model.ts';
import type { Bitmap } from './universe.ts';
import {
  bitmap,
  bitmapOf,
  boundsOf,
  CELLS,
  firstOf,
  has,
  rangesOf,
  splitInHalves,
  universes,
} from './universe.ts';

const operations = [
  { name: 'union', run: union, keep: (a: boolean, b: boolean) => a || b },
  { name: 'intersect', run: intersect, keep: (a: boolean, b: boolean) => a && b },
  { name: 'subtract', run: subtract, keep: (a: boolean, b: boolean) => a && !b },
];

for (const universe of universes) {
  const { family, base, unit } = universe;
  const where = `${universe.name} of ${family.label}`;
  const setOf = (cells: Bitmap): Bounds => boundsOf(universe, cells);

  for (const { name, run, keep } of operations) {
    test(`${name}() agrees with a bitmap: ${where}`, () => {
      fc.assert(
        fc.property(bitmap, bitmap, (a, b) => {
          const want = setOf(bitmapOf((cell) => keep(has(a, cell), has(b, cell))));
          assert.deepEqual([...run(setOf(a), setOf(b)).words], [...want.words]);
        }),
      );
    });
  }

  test(`unionAll() agrees with a bitmap: ${where}`, () => {
    fc.assert(
      fc.property(fc.array(bitmap, { maxLength: 7 }), (sets) => {
        const want = setOf(bitmapOf((cell) => sets.some((cells) => has(cells, cell))));
        assert.deepEqual([...unionAll(family, sets.map(setOf)).words], [...want.words]);
      }),
      { numRuns: 50 },
    );
  });

  test(`equalBounds() and isEmpty() agree with a bitmap: ${where}`, () => {
    fc.assert(
      fc.property(bitmap, bitmap, (a, b) => {
        assert.equal(equalBounds(setOf(a), setOf(b)), a === b);
        assert.ok(equalBounds(setOf(a), setOf(a)));
        assert.equal(isEmpty(setOf(a)), !a.includes('#'));
      }),
    );
  });

  test(`contains() agrees with a bitmap at both ends of every cell: ${where}`, () => {
    fc.assert(
      fc.property(bitmap, (cells) => {
        const bounds = setOf(cells);
        for (let cell = 0; cell <= CELLS; cell++) {
          for (const number of [firstOf(universe, cell) - 1n, firstOf(universe, cell)]) {
            // Beyond either end of the address space is the other one.
            const address = BigInt.asUintN(family.bits, number);
            const want = has(cells, Number((address - base) >> BigInt(unit)));
            assert.equal(
              contains(bounds, wordsOfNumber(address, family.width)),
              want,
              `0x${address.toString(16)}`,
            );
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  test(`countAddresses() agrees with a bitmap: ${where}`, () => {
    fc.assert(
      fc.property(bitmap, (cells) => {
        assert.equal(countAddresses(setOf(cells)), cells.replaceAll('.', '').length * 2 ** unit);
      }),
    );
  });

  test(`coveringPrefix() is the one that splitting in halves finds: ${where}`, () => {
    fc.assert(
      fc.property(bitmap, fc.nat(CELLS - 1), (cells, cell) => {
        const address = firstOf(universe, cell + 1) - 1n;
        const networks = splitInHalves(family, rangesOf(universe, cells));
        const network = networks.findLast(({ first }) => first <= address);
        const text =
          network && `${family.format(wordsOfNumber(network.first, family.width), 0)}/${network.length}`;
        const want = has(cells, cell) ? text : undefined;
        assert.equal(coveringPrefix(setOf(cells), wordsOfNumber(address, family.width)), want);
      }),
      { numRuns: 50 },
    );
  });

  test(`union(), intersect() and subtract() keep the laws of sets: ${where}`, () => {
    fc.assert(
      fc.property(bitmap, bitmap, (cellsA, cellsB) => {
        const [a, b] = [setOf(cellsA), setOf(cellsB)];
        assert.ok(equalBounds(union(subtract(a, b), intersect(a, b)), a));
        assert.ok(equalBounds(union(a, b), union(b, a)));
        assert.ok(equalBounds(subtract(a, a), emptyBounds(family)));
        assert.ok(equalBounds(intersect(subtract(a, b), b), emptyBounds(family)));
      }),
      { numRuns: 50 },
    );
  });
}
