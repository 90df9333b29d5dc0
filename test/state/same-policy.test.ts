import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Settings } from '../../src/config/settings.ts';
import { isSamePolicy } from '../../src/state/same-policy.ts';

const pairs: readonly {
  readonly name: string;
  readonly one: Settings;
  readonly other: Settings;
  readonly isSame: boolean;
}[] = [
  {
    name: 'countries in another order',
    one: { allow: ['CA,US'] },
    other: { allow: ['US,CA'] },
    isSame: true,
  },
  {
    name: 'countries divided otherwise, in another case',
    one: { deny: ['RU', 'CN'] },
    other: { deny: ['cn ru'] },
    isSame: true,
  },
  {
    name: 'escapes in another order',
    one: { allow: ['CA'], allow_subnets: ['192.0.2.0/24', '198.51.100.0/24'] },
    other: { allow_subnets: ['198.51.100.0/24', '192.0.2.0/24'], allow: ['CA'] },
    isSame: true,
  },
  { name: 'another country', one: { allow: ['CA'] }, other: { allow: ['CA', 'US'] }, isSame: false },
  { name: 'the other mode', one: { allow: ['CA'] }, other: { deny: ['CA'] }, isSame: false },
  {
    name: 'a setting that one does not have',
    one: { allow: ['CA'] },
    other: { allow: ['CA'], log_drops: true },
    isSame: false,
  },
  {
    name: 'sources in another order, of which the first is the best',
    one: { allow: ['CA'], sources: ['ipdeny', 'ipverse'] },
    other: { allow: ['CA'], sources: ['ipverse', 'ipdeny'] },
    isSame: false,
  },
];

for (const { name, one, other, isSame } of pairs) {
  test(`isSamePolicy() of ${name}: ${isSame}`, () => {
    for (const [stated, inForce] of [
      [one, other],
      [other, one],
    ] as const)
      assert.equal(isSamePolicy({ stated }, { settings: {}, inForce, forced: [] }), isSame);
  });
}
