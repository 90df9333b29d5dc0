import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ipv4, ipv6 } from '../../src/ip/family.ts';
import { formatPrefix, prefixes } from '../../src/ip/prefixes.ts';
import { chooseLengths, splitPrefixes } from '../../src/ip/reduce.ts';
import { setOf } from './model.ts';

const list = (...networks: string[]) =>
  prefixes(setOf(networks[0]?.includes(':') === true ? ipv6 : ipv4, ...networks));

const split = (networks: string[], budget: number): string[] => {
  const before = list(...networks);
  const after = splitPrefixes(before, chooseLengths(before, budget));
  return Array.from(after.lengths, (_, i) => formatPrefix(after, i));
};

/** A /24 and nine /25s with gaps: eleven entries of one length, or ten of two. */
const ten = ['192.0.2.0/24', ...Array.from({ length: 9 }, (_, i) => `198.51.${100 + i}.0/25`)];

test('chooseLengths() keeps every length when no entry more is allowed', () => {
  assert.deepEqual(chooseLengths(list(...ten), 10), { from: 2, lengths: [24, 25], networks: 10 });
});

test('chooseLengths() keeps every length when fewer entries are allowed than there are networks', () => {
  assert.deepEqual(chooseLengths(list(...ten), 3), { from: 2, lengths: [24, 25], networks: 10 });
});

test('chooseLengths() keeps the fewest lengths that the budget allows', () => {
  assert.deepEqual(chooseLengths(list(...ten), 11), { from: 2, lengths: [25], networks: 11 });
  assert.deepEqual(chooseLengths(list(...ten), 10.9), { from: 2, lengths: [24, 25], networks: 10 });
});

test('chooseLengths() chooses which lengths to keep, not only how many', () => {
  // To split the /23 up to /32 would make 512 of it, up to /24 two.
  const networks = [
    '192.0.2.0/23',
    ...Array.from({ length: 20 }, (_, i) => `198.51.${100 + 2 * i}.0/24`),
    '203.0.113.1/32',
  ];
  assert.deepEqual(chooseLengths(list(...networks), 24), { from: 3, lengths: [24, 32], networks: 23 });
});

test('chooseLengths() takes the fewest entries for its lengths, not all of a large budget', () => {
  // All as /32 are 256 + 128 + 1 entries; with two lengths only the /24 is split, into two.
  const networks = ['192.0.2.0/24', '198.51.100.0/25', '203.0.113.1/32'];
  assert.deepEqual(chooseLengths(list(...networks), 300), { from: 3, lengths: [25, 32], networks: 4 });
  assert.deepEqual(chooseLengths(list(...networks), 16_000), { from: 3, lengths: [32], networks: 385 });
});

test('chooseLengths() of nothing keeps nothing', () => {
  assert.deepEqual(chooseLengths(prefixes(setOf(ipv4)), 16_000), { from: 0, lengths: [], networks: 0 });
});

test('splitPrefixes() splits in place, in order', () => {
  assert.deepEqual(split(ten, 11).slice(0, 4), [
    '192.0.2.0/25',
    '192.0.2.128/25',
    '198.51.100.0/25',
    '198.51.101.0/25',
  ]);
});

test('splitPrefixes() carries across the words of an IPv6 address', () => {
  assert.deepEqual(split(['2001:db8::/31', '2001:dba::/33'], 6), [
    '2001:db8::/33',
    '2001:db8:8000::/33',
    '2001:db9::/33',
    '2001:db9:8000::/33',
    '2001:dba::/33',
  ]);
});
