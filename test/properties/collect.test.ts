import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Collector } from '../../src/ip/collect.ts';
import type { Family } from '../../src/ip/family.ts';
import { families } from '../../src/ip/family.ts';
import { prefixes } from '../../src/ip/prefixes.ts';
import { numberOfWords, wordsOfNumber } from '../ip/model.ts';
import type { Network } from './universe.ts';
import {
  bitmap,
  bitmapOf,
  boundsOf,
  CELLS,
  firstOf,
  networkAt,
  rangesOf,
  splitInHalves,
  universes,
} from './universe.ts';

const networksOf = ({ family, words, lengths }: ReturnType<typeof prefixes>): Network[] =>
  Array.from(lengths, (length, i) => ({
    first: numberOfWords(words, i * family.width, family.width),
    length,
  }));

function collect(family: Family, networks: readonly Network[]): Collector {
  const collector = new Collector(family);
  for (const { first, length } of networks) collector.add(wordsOfNumber(first, family.width), length);
  return collector;
}

const endOf = (family: Family, { first, length }: Network): bigint =>
  first + 2n ** BigInt(family.bits - length);

for (const universe of universes) {
  const { family } = universe;
  const where = `${universe.name} of ${family.label}`;
  const network = fc
    .tuple(fc.nat(CELLS - 1), fc.nat(5))
    .map(([cell, doublings]) => networkAt(universe, cell, doublings));

  test(`Collector holds exactly the networks it was given: ${where}`, () => {
    fc.assert(
      fc.property(fc.array(network, { maxLength: 40 }), (networks) => {
        const cells = bitmapOf((cell) => {
          const first = firstOf(universe, cell);
          return networks.some((one) => one.first <= first && endOf(family, one) > first);
        });
        const bounds = collect(family, networks).bounds();
        assert.deepEqual([...bounds.words], [...boundsOf(universe, cells).words]);
      }),
      { numRuns: 200 },
    );
  });

  test(`prefixes() covers exactly, with the fewest networks: ${where}`, () => {
    fc.assert(
      fc.property(bitmap, (cells) => {
        const got = networksOf(prefixes(boundsOf(universe, cells)));
        assert.deepEqual(got, splitInHalves(family, rangesOf(universe, cells)));
      }),
    );
  });

  test(`Collector gives back what prefixes() gives: ${where}`, () => {
    fc.assert(
      fc.property(bitmap, fc.boolean(), (cells, isReversed) => {
        const bounds = boundsOf(universe, cells);
        const networks = networksOf(prefixes(bounds));
        const again = collect(family, isReversed ? networks.toReversed() : networks).bounds();
        assert.deepEqual([...again.words], [...bounds.words]);
      }),
    );
  });
}

/** Ranges of networks merged with numbers: sort, then one pass. */
function mergeNumbers(family: Family, networks: readonly Network[]): [bigint, bigint][] {
  const ranges: [bigint, bigint][] = [];
  const ordered = [...networks].sort((a, b) => (a.first < b.first ? -1 : Number(a.first > b.first)));
  for (const one of ordered) {
    const last = ranges.at(-1);
    const end = endOf(family, one);
    if (last === undefined || one.first > last[1]) ranges.push([one.first, end]);
    else if (end > last[1]) last[1] = end;
  }
  return ranges;
}

for (const family of families) {
  const bits = BigInt(family.bits);
  // Few bits that vary, anywhere: so that networks of very different lengths meet, nest and touch.
  const network = fc
    .tuple(
      fc.integer({ min: 0, max: family.bits }),
      fc.bigInt({ min: 0n, max: 15n }),
      fc.nat(family.bits - 1),
    )
    .map(([length, value, shift]) => {
      const hostBits = bits - BigInt(length);
      const address = BigInt.asUintN(family.bits, value << BigInt(shift));
      return { first: (address >> hostBits) << hostBits, length };
    });

  test(`Collector and prefixes() agree with numbers on ${family.label} networks of all lengths`, () => {
    fc.assert(
      fc.property(fc.array(network, { maxLength: 12 }), (networks) => {
        const got = networksOf(prefixes(collect(family, networks).bounds()));
        assert.deepEqual(got, splitInHalves(family, mergeNumbers(family, networks)));
      }),
      { numRuns: 500 },
    );
  });

  test(`prefixes() of ${family.label} leaves no two networks that could be one`, () => {
    fc.assert(
      fc.property(fc.array(network, { maxLength: 12 }), (networks) => {
        const got = networksOf(prefixes(collect(family, networks).bounds()));
        for (const [i, one] of got.entries()) {
          const next = got[i + 1];
          if (next === undefined) continue;
          assert.ok(endOf(family, one) <= next.first, 'disjoint and in order');
          const isPair = one.length === next.length && endOf(family, one) === next.first;
          assert.ok(!isPair || one.first % 2n ** (bits - BigInt(one.length) + 1n) !== 0n, 'no pair');
        }
      }),
      { numRuns: 300 },
    );
  });
}
