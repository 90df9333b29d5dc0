import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countries, groups } from '../../src/zones/countries.ts';
import { selectCountries } from '../../src/zones/select-countries.ts';

const select = (...selectors: string[]): string => selectCountries(selectors, 'a test').join(' ');

test('selectCountries() takes codes in any case, by comma or space, sorted and once', () => {
  assert.equal(select('us,ca', 'DE CA'), 'CA DE US');
});

test('selectCountries() expands groups', () => {
  assert.equal(select('@five-eyes'), 'AU CA GB NZ US');
  assert.equal(select('@EU').split(' ').length, 27);
});

test('selectCountries() takes codes and groups away', () => {
  assert.equal(select('@five-eyes !us, !NZ'), 'AU CA GB');
  assert.equal(select('@five-eyes', '!@eu', '!AU'), 'CA GB NZ US');
  assert.equal(select('CA !CA'), '');
});

test('selectCountries() refuses to take away from nothing', () => {
  assert.throws(() => select('!CA'), /nothing to take !CA away from/);
});

test('countries has the 249 codes of ISO 3166-1, and no other', () => {
  assert.equal(countries.size, 249);
  for (const code of ['XK', 'AC', 'TA', 'UK', 'EU', 'ZZ', 'AP'])
    assert.equal(countries.has(code), false, code);
});

test('groups has every continent, and each country in exactly one', () => {
  const continents = [
    '@africa',
    '@antarctica',
    '@asia',
    '@europe',
    '@north-america',
    '@oceania',
    '@south-america',
  ];
  const members = continents.flatMap((name) => groups.get(name) ?? []);
  assert.deepEqual(members.sort(), [...countries.keys()].sort());
});

test('groups has only codes that exist', () => {
  for (const [name, members] of groups) {
    for (const code of members) assert.equal(countries.has(code), true, `${name}: ${code}`);
  }
});
