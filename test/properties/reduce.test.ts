import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { equalBounds } from '../../src/ip/bounds.ts';
import { Collector } from '../../src/ip/collect.ts';
import type { Family } from '../../src/ip/family.ts';
import { families } from '../../src/ip/family.ts';
import type { Prefixes } from '../../src/ip/prefixes.ts';
import { prefixes } from '../../src/ip/prefixes.ts';
import { chooseLengths, splitPrefixes } from '../../src/ip/reduce.ts';

/** Networks of at most 12 different lengths, so that every choice can be tried. */
const networks = (family: Family): fc.Arbitrary<Prefixes> =>
  fc
    .array(fc.tuple(fc.nat({ max: 2 ** 32 - 1 }), fc.integer({ min: 20, max: 31 })), { maxLength: 60 })
    .map((list) => {
      const collector = new Collector(family);
      for (const [word, length] of list) {
        const mask = (-1 << (32 - length)) >>> 0;
        collector.add(Int32Array.of((word & mask) >>> 0, 0, 0, 0), length);
      }
      return prefixes(collector.bounds());
    });

/** How many networks there are when every one is split to the next of the kept lengths, or none is long enough. */
function countWith(list: Prefixes, kept: readonly number[]): number {
  let count = 0;
  for (const length of list.lengths) {
    const target = kept.find((candidate) => candidate >= length);
    if (target === undefined) return Infinity;
    count += 2 ** (target - length);
  }
  return count;
}

/** The fewest kept lengths within the budget, and the fewest networks with so many, by trying every choice. */
function bestChoice(list: Prefixes, budget: number): { lengths: number; networks: number } {
  const present = [...new Set(list.lengths)].sort((a, b) => a - b);
  let best = { lengths: present.length, networks: list.lengths.length };
  for (let choice = 0; choice < 2 ** present.length; choice++) {
    const kept = present.filter((_, i) => (choice >> i) & 1);
    const [lengths, count] = [kept.length, countWith(list, kept)];
    const isBetter = lengths < best.lengths || (lengths === best.lengths && count < best.networks);
    if (isBetter && count <= budget) best = { lengths, networks: count };
  }
  return best;
}

/** Shares and numbers of entries beyond those there are. */
const budgets = [
  ({ lengths }: Prefixes): number => lengths.length,
  ({ lengths }: Prefixes): number => 1.1 * lengths.length,
  ({ lengths }: Prefixes): number => 4 * lengths.length,
  ({ lengths }: Prefixes): number => lengths.length + 1000,
];

for (const family of families) {
  test(`splitPrefixes() holds the same ${family.label} addresses, in the kept lengths, within the budget`, () => {
    fc.assert(
      fc.property(networks(family), fc.constantFrom(...budgets), (list, budgetOf) => {
        const budget = budgetOf(list);
        const reduction = chooseLengths(list, budget);
        const split = splitPrefixes(list, reduction);
        const collector = new Collector(family);
        const before = new Collector(family);
        for (const [from, into] of [
          [list, before],
          [split, collector],
        ] as const) {
          from.lengths.forEach((length, i) => {
            const words = new Int32Array(4);
            words.set(from.words.subarray(i * family.width, (i + 1) * family.width));
            into.add(words, length);
          });
        }
        assert.ok(equalBounds(before.bounds(), collector.bounds()));
        assert.ok(split.lengths.every((length) => reduction.lengths.includes(length)));
        assert.equal(split.lengths.length, reduction.networks);
        assert.ok(split.lengths.length <= budget);
      }),
    );
  });

  test(`chooseLengths() of ${family.label} finds the fewest lengths, and of these the fewest networks`, () => {
    fc.assert(
      fc.property(networks(family), fc.constantFrom(...budgets), (list, budgetOf) => {
        const reduction = chooseLengths(list, budgetOf(list));
        const found = { lengths: reduction.lengths.length, networks: reduction.networks };
        assert.deepEqual(found, bestChoice(list, budgetOf(list)));
      }),
      { numRuns: 50 },
    );
  });
}
