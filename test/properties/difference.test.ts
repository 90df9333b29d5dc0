import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { contains, equalBounds, intersect } from '../../src/ip/bounds.ts';
import { families } from '../../src/ip/family.ts';
import { layer } from '../../src/ip/range-map.ts';
import type { Group } from '../../src/explain/difference.ts';
import { newConnection } from '../../src/explain/packet.ts';
import { createPassing } from '../../src/explain/passing.ts';
import { difference } from '../../src/explain/difference.ts';
import { desiredState } from '../../src/plan/desired.ts';
import type { State } from '../../src/firewall/model.ts';
import { noFence } from '../../src/firewall/rulesets.ts';
import { passing } from '../../src/explain/passing.ts';
import { verdict } from '../../src/explain/verdict.ts';
import { policyOf } from '../helpers/states.ts';
import { wordsOfNumber } from '../ip/model.ts';
import type { Bitmap, Universe } from './universe.ts';
import {
  CELLS,
  bitmap,
  bitmapOf,
  boundsOf,
  firstOf,
  has,
  rangesOf,
  splitInHalves,
  universes,
} from './universe.ts';

interface Fence {
  readonly mode: 'allow' | 'deny';
  readonly country: Bitmap;
  readonly escapes: Bitmap;
  readonly isOpen: boolean;
}

const fence: fc.Arbitrary<Fence | null> = fc.option(
  fc.record({
    mode: fc.constantFrom('allow', 'deny'),
    country: bitmap,
    escapes: bitmap,
    isOpen: fc.boolean(),
  }),
);

function stateIn(universe: Universe, options: Fence | null): State {
  if (options === null) return noFence;
  const policy = policyOf({ mode: options.mode });
  const { family } = universe;
  const escapes = new Map(policy.escapes).set(family, boundsOf(universe, options.escapes));
  const open = families.filter((other) => other !== family || !options.isOpen);
  return desiredState({ ...policy, families: open, escapes }, (_, asked) =>
    asked === family ? boundsOf(universe, options.country) : policy.escapes.get(asked)!,
  );
}

/** Of a cell: what README says of a fence, without any rule. */
const letsIn = (options: Fence | null, cell: number): boolean =>
  options === null ||
  options.isOpen ||
  has(options.escapes, cell) ||
  has(options.country, cell) === (options.mode === 'allow');

const codes = ['CA', 'DE', 'RU'];
const lengthOf = (network: string): number => Number(network.split('/')[1]);

for (const universe of universes) {
  const { family, unit } = universe;
  const where = `${universe.name} of ${family.label}`;
  const window = boundsOf(universe, '#'.repeat(CELLS));
  const cells = Array.from({ length: CELLS }, (_, cell) => cell);

  test(`passing() is everybody whom verdict() lets in: ${where}`, () => {
    fc.assert(
      fc.property(fence, (options) => {
        const state = stateIn(universe, options);
        const all = passing(state, newConnection(family));
        const ends = [0n, 2n ** BigInt(family.bits) - 1n];
        for (const number of [...cells.map((cell) => firstOf(universe, cell)), ...ends]) {
          const address = wordsOfNumber(number, family.width);
          assert.equal(
            contains(all, address),
            verdict(state, { ...newConnection(family), source: address }).passes,
          );
        }
      }),
      { numRuns: 50 },
    );
  });

  test(`difference() agrees with a count cell by cell: ${where}`, () => {
    fc.assert(
      fc.property(fence, fence, fc.array(bitmap, { maxLength: 3 }), (before, after, zones) => {
        const bounds = zones.map((zone) => boundsOf(universe, zone));
        const countryMap = { labels: layer(family, bounds), places: [null, ...codes] };
        const [from, to] = [stateIn(universe, before), stateIn(universe, after)];
        const { gained, lost } = difference(
          { before: createPassing(from), after: createPassing(to) },
          newConnection(family),
          countryMap,
        );
        const sides: [Group, (cell: number) => boolean][] = [
          [gained, (cell) => !letsIn(before, cell) && letsIn(after, cell)],
          [lost, (cell) => letsIn(before, cell) && !letsIn(after, cell)],
        ];
        for (const [group, isIn] of sides) {
          assert.ok(equalBounds(intersect(group.bounds, window), boundsOf(universe, bitmapOf(isIn))));
          const placed = codes.map((_, i) =>
            bitmapOf((cell) => isIn(cell) && zones.findIndex((zone) => has(zone, cell)) === i),
          );
          assert.deepEqual(
            codes.map((code) => group.places.find(({ place }) => place === code)?.addresses ?? 0),
            placed.map((set) => set.replaceAll('.', '').length * 2 ** unit),
          );
          const lengths = placed
            .flatMap((set) => splitInHalves(family, rangesOf(universe, set)))
            .map(({ length }) => length)
            .sort((x, y) => x - y);
          assert.deepEqual(
            group.largest.filter(({ place }) => place !== null).map(({ network }) => lengthOf(network)),
            lengths.slice(0, 3),
          );
        }
      }),
      { numRuns: 50 },
    );
  });
}
