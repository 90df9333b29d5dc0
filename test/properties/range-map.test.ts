import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { valueAt, mapOf, merge, layer } from '../../src/ip/range-map.ts';
import { wordsOfNumber } from '../ip/model.ts';
import { CELLS, bitmap, boundsOf, firstOf, has, universes } from './universe.ts';

for (const universe of universes) {
  const { family, unit } = universe;
  const where = `${universe.name} of ${family.label}`;
  /** Both ends of a cell. */
  const endsOf = (cell: number): Int32Array[] =>
    [firstOf(universe, cell), firstOf(universe, cell) + 2n ** BigInt(unit) - 1n].map((number) =>
      wordsOfNumber(number, family.width),
    );
  const cells = Array.from({ length: CELLS }, (_, cell) => cell);

  test(`layer() has the first set on top: ${where}`, () => {
    fc.assert(
      fc.property(fc.array(bitmap, { maxLength: 5 }), (sets) => {
        const labels = layer(
          family,
          sets.map((set) => boundsOf(universe, set)),
        );
        for (const cell of cells) {
          const want = sets.findIndex((set) => has(set, cell)) + 1;
          for (const address of endsOf(cell)) assert.equal(valueAt(labels, address), want);
        }
        assert.ok(
          labels.values.every((value, i) => value !== (labels.values[i - 1] ?? 0)),
          'neighbours differ',
        );
      }),
      { numRuns: 50 },
    );
  });

  test(`merge() combines two numbers of every address: ${where}`, () => {
    fc.assert(
      fc.property(bitmap, bitmap, (a, b) => {
        const both = merge(
          mapOf(boundsOf(universe, a), 1),
          mapOf(boundsOf(universe, b), 2),
          (inA, inB) => inA + inB,
        );
        for (const cell of cells) {
          const want = (has(a, cell) ? 1 : 0) + (has(b, cell) ? 2 : 0);
          for (const address of endsOf(cell)) assert.equal(valueAt(both, address), want);
        }
      }),
      { numRuns: 50 },
    );
  });
}
