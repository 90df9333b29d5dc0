import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Settings } from '../../src/config/settings.ts';
import { isOverridden, isSamePolicy } from '../../src/state/same-policy.ts';

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

for (const { name, filePolicy, byHand, stated, is } of [
  {
    name: 'a fence by hand, and the file may state it still',
    filePolicy: { deny: ['RU'] },
    byHand: { allow: ['CA'] },
    stated: { allow: ['CA'] },
    is: true,
  },
  {
    name: 'a file that states another',
    filePolicy: { deny: ['KP'] },
    byHand: {},
    stated: { deny: ['KP'] },
    is: false,
  },
  {
    name: 'a file that states another, and a setting by hand',
    filePolicy: { deny: ['KP'] },
    byHand: { log_drops: true },
    stated: { deny: ['KP'], log_drops: true },
    is: false,
  },
  {
    name: 'no mode in a file',
    filePolicy: undefined,
    byHand: { allow: ['CA'] },
    stated: { allow: ['CA'], fence: [{ name: 'web', allow: ['*'], ports: ['web'] }] },
    is: false,
  },
  {
    name: 'the same',
    filePolicy: { deny: ['RU'] },
    byHand: {},
    stated: { deny: ['RU'] },
    is: false,
  },
] as const)
  test(`isOverridden() of ${name}: ${is}`, () => {
    const policy = { settings: {}, inForce: { deny: ['RU'] }, forced: [] };
    const config = { filePolicy, byHand, stated } as unknown as Parameters<typeof isOverridden>[0];
    assert.equal(isOverridden(config, policy), is);
  });
