import assert from 'node:assert/strict';
import { test } from 'node:test';
import { everything } from '../../src/policy/scope.ts';
import { describeFence } from '../../src/policy/describe.ts';
import { groups } from '../../src/zones/countries.ts';

const eu = [...(groups.get('@eu') ?? [])];

for (const { name, codes, want } of [
  { name: 'one country in full', codes: ['CA'], want: 'CA (Canada)' },
  { name: 'a few as codes', codes: ['CN', 'RU'], want: 'CN, RU' },
  { name: 'twelve as codes', codes: eu.slice(0, 12), want: eu.slice(0, 12).join(', ') },
  {
    name: 'the first ten of more',
    codes: eu.slice(0, 13),
    want: `${eu.slice(0, 10).join(', ')} and 3 more countries`,
  },
  { name: 'a whole group by its name', codes: eu, want: '@eu (27 countries)' },
  { name: 'a group in any order', codes: eu.toReversed(), want: '@eu (27 countries)' },
]) {
  test(`describeFence() names ${name}`, () => {
    assert.equal(describeFence({ mode: 'allow', countries: codes, scope: everything }), `allow only ${want}`);
  });
}

test('describeFence() names the mode', () => {
  assert.equal(describeFence({ mode: 'deny', countries: ['CN', 'RU'], scope: everything }), 'deny CN, RU');
});
