import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Bounds } from '../../src/ip/bounds.ts';
import {
  boundariesBelow,
  boundsOfPrefix,
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
import type { Family } from '../../src/ip/family.ts';
import { families, ipv4, ipv6 } from '../../src/ip/family.ts';
import { boundaryTexts, setOf, wordsOf } from './model.ts';

const all4 = '0.0.0.0/0';
const all6 = '::/0';
const last4 = '255.255.255.255/32';
const last6 = 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128';

type Operation = (a: Bounds, b: Bounds) => Bounds;
interface Case {
  name: string;
  run: Operation;
  family: Family;
  a: string[];
  b: string[];
  want: string[];
}

const operations: Case[] = [
  {
    name: 'union() joins neighbours',
    run: union,
    family: ipv4,
    a: ['10.0.0.0/8'],
    b: ['11.0.0.0/8'],
    want: ['10.0.0.0', '12.0.0.0'],
  },
  {
    name: 'union() keeps a hole',
    run: union,
    family: ipv4,
    a: ['10.0.0.0/8'],
    b: ['12.0.0.0/8'],
    want: ['10.0.0.0', '11.0.0.0', '12.0.0.0', '13.0.0.0'],
  },
  {
    name: 'union() swallows what is inside',
    run: union,
    family: ipv4,
    a: ['10.1.0.0/16', '10.3.0.0/16'],
    b: ['10.0.0.0/8'],
    want: ['10.0.0.0', '11.0.0.0'],
  },
  {
    name: 'union() of both halves has no end',
    run: union,
    family: ipv4,
    a: ['0.0.0.0/1'],
    b: ['128.0.0.0/1'],
    want: ['0.0.0.0'],
  },
  {
    name: 'union() with everything is everything',
    run: union,
    family: ipv6,
    a: ['ff00::/8', '::1/128'],
    b: [all6],
    want: ['::'],
  },
  {
    name: 'union() with the empty set',
    run: union,
    family: ipv4,
    a: [last4],
    b: [],
    want: ['255.255.255.255'],
  },
  {
    name: 'union() of the empty set',
    run: union,
    family: ipv4,
    a: [],
    b: ['0.0.0.0/32'],
    want: ['0.0.0.0', '0.0.0.1'],
  },
  {
    name: 'union() joins the last address to its neighbour',
    run: union,
    family: ipv6,
    a: [last6],
    b: ['ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe/128'],
    want: ['ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe'],
  },
  {
    name: 'intersect() of neighbours is empty',
    run: intersect,
    family: ipv4,
    a: ['10.0.0.0/8'],
    b: ['11.0.0.0/8'],
    want: [],
  },
  {
    name: 'intersect() cuts out what both hold',
    run: intersect,
    family: ipv4,
    a: ['10.0.0.0/8', '12.0.0.0/8'],
    b: ['10.255.0.0/16', '12.0.0.0/7'],
    want: ['10.255.0.0', '11.0.0.0', '12.0.0.0', '13.0.0.0'],
  },
  {
    name: 'intersect() keeps a range without an end',
    run: intersect,
    family: ipv6,
    a: [all6],
    b: ['ff00::/8'],
    want: ['ff00::'],
  },
  {
    name: 'intersect() with everything changes nothing',
    run: intersect,
    family: ipv4,
    a: [all4],
    b: [last4],
    want: ['255.255.255.255'],
  },
  { name: 'intersect() with the empty set', run: intersect, family: ipv4, a: [all4], b: [], want: [] },
  {
    name: 'subtract() splits a range around a hole',
    run: subtract,
    family: ipv4,
    a: ['10.0.0.0/8'],
    b: ['10.1.0.0/16'],
    want: ['10.0.0.0', '10.1.0.0', '10.2.0.0', '11.0.0.0'],
  },
  {
    name: 'subtract() takes the end of the space away',
    run: subtract,
    family: ipv4,
    a: [all4],
    b: [last4],
    want: ['0.0.0.0', '255.255.255.255'],
  },
  {
    name: 'subtract() takes the start of the space away',
    run: subtract,
    family: ipv6,
    a: [all6],
    b: ['::/128'],
    want: ['::1'],
  },
  {
    name: 'subtract() of one range that reaches the end from another',
    run: subtract,
    family: ipv6,
    a: ['fe00::/7'],
    b: ['ff00::/8'],
    want: ['fe00::', 'ff00::'],
  },
  {
    name: 'subtract() of everything',
    run: subtract,
    family: ipv6,
    a: ['ff00::/8', '::/8'],
    b: [all6],
    want: [],
  },
  { name: 'subtract() of itself', run: subtract, family: ipv4, a: [last4], b: [last4], want: [] },
  {
    name: 'subtract() of the empty set',
    run: subtract,
    family: ipv4,
    a: ['240.0.0.0/4'],
    b: [],
    want: ['240.0.0.0'],
  },
  { name: 'subtract() from the empty set', run: subtract, family: ipv4, a: [], b: [all4], want: [] },
];

for (const { name, run, family, a, b, want } of operations) {
  test(name, () => {
    assert.deepEqual(boundaryTexts(run(setOf(family, ...a), setOf(family, ...b))), want);
  });
}

test('set algebra leaves its arguments as they are', () => {
  const [a, b] = [setOf(ipv4, '10.0.0.0/8'), setOf(ipv4, '10.1.0.0/16')];
  for (const run of [union, intersect, subtract]) run(a, b);
  assert.deepEqual(boundaryTexts(a), ['10.0.0.0', '11.0.0.0']);
  assert.deepEqual(boundaryTexts(b), ['10.1.0.0', '10.2.0.0']);
});

test('unionAll() joins any number of sets', () => {
  const networks = Array.from({ length: 257 }, (_, i) => setOf(ipv4, `10.${i & 255}.${i >> 8}.0/24`));
  for (const count of [0, 1, 2, 3, 5, 8, 257]) {
    const want = networks.slice(0, count).reduce(union, emptyBounds(ipv4));
    assert.ok(equalBounds(unionAll(ipv4, networks.slice(0, count)), want), String(count));
  }
});

test('isEmpty() is true of the empty set only', () => {
  assert.ok(isEmpty(emptyBounds(ipv4)));
  assert.ok(!isEmpty(setOf(ipv4, all4)));
  assert.ok(!isEmpty(setOf(ipv6, last6)));
});

test('equalBounds() compares families, lengths and words', () => {
  assert.ok(equalBounds(setOf(ipv4, '10.0.0.0/9', '10.128.0.0/9'), setOf(ipv4, '10.0.0.0/8')));
  assert.ok(equalBounds(emptyBounds(ipv6), emptyBounds(ipv6)));
  assert.ok(!equalBounds(emptyBounds(ipv4), emptyBounds(ipv6)));
  assert.ok(!equalBounds(setOf(ipv4, '10.0.0.0/8'), setOf(ipv4, '10.0.0.0/9')));
  assert.ok(!equalBounds(setOf(ipv4, '224.0.0.0/3'), setOf(ipv4, '224.0.0.0/4')));
  assert.ok(!equalBounds(setOf(ipv4, '224.0.0.0/4'), setOf(ipv4, '224.0.0.0/3')));
});

const membership = [
  { set: ['10.0.0.0/8'], inside: ['10.0.0.0', '10.255.255.255'], outside: ['9.255.255.255', '11.0.0.0'] },
  { set: [all4], inside: ['0.0.0.0', '127.255.255.255', '128.0.0.0', '255.255.255.255'], outside: [] },
  { set: [last4], inside: ['255.255.255.255'], outside: ['255.255.255.254', '0.0.0.0'] },
  { set: ['0.0.0.0/32'], inside: ['0.0.0.0'], outside: ['0.0.0.1', '255.255.255.255'] },
  {
    set: ['10.0.0.0/8', '12.0.0.0/8', '240.0.0.0/4'],
    inside: ['10.1.2.3', '12.0.0.0', '240.0.0.0', '255.255.255.255'],
    outside: ['11.0.0.0', '13.0.0.0', '239.255.255.255'],
  },
  { set: [], inside: [], outside: ['0.0.0.0', '255.255.255.255'] },
  { set: [all6], inside: ['::', '8000::', last6.slice(0, -4)], outside: [] },
  { set: ['ff00::/8'], inside: ['ff00::', last6.slice(0, -4)], outside: ['::', 'feff:ffff::'] },
  {
    set: ['2001:db8::/64'],
    inside: ['2001:db8::', '2001:db8::ffff:ffff:ffff:ffff'],
    outside: ['2001:db7:ffff:ffff:ffff:ffff:ffff:ffff', '2001:db8:0:1::'],
  },
];

for (const { set, inside, outside } of membership) {
  test(`contains() of ${set.join(' ') || 'the empty set'}`, () => {
    const family = [...set, ...outside][0]?.includes(':') ? ipv6 : ipv4;
    const bounds = setOf(family, ...set);
    for (const address of inside) assert.ok(contains(bounds, wordsOf(family, address)), address);
    for (const address of outside) assert.ok(!contains(bounds, wordsOf(family, address)), address);
  });
}

test('boundariesBelow() counts the boundaries at or below an address', () => {
  const bounds = setOf(ipv4, '10.0.0.0/8', '12.0.0.0/8', '240.0.0.0/4');
  const addresses = [
    '9.0.0.0',
    '10.0.0.0',
    '10.9.9.9',
    '11.0.0.0',
    '12.0.0.0',
    '13.0.0.0',
    '255.255.255.255',
  ];
  const counts = addresses.map((address) => boundariesBelow(bounds, wordsOf(ipv4, address)));
  assert.deepEqual(counts, [0, 1, 1, 2, 3, 4, 5]);
});

const counts = [
  { family: ipv4, set: [], want: 0 },
  { family: ipv4, set: [all4], want: 2 ** 32 },
  { family: ipv4, set: [last4], want: 1 },
  { family: ipv4, set: ['0.0.0.0/32', '10.0.0.0/8', '240.0.0.0/4'], want: 1 + 2 ** 24 + 2 ** 28 },
  { family: ipv6, set: [all6], want: 2 ** 128 },
  { family: ipv6, set: [last6], want: 1 },
  { family: ipv6, set: ['ff00::/8'], want: 2 ** 120 },
  { family: ipv6, set: ['2001:db8::1/128'], want: 1 },
  { family: ipv6, set: ['2001:db8::/64', '2a00:1::/64', 'fe80::/64'], want: 3 * 2 ** 64 },
  { family: ipv6, set: ['2001:db8::/48', '2001:db8:2::/48'], want: 2 ** 81 },
  { family: ipv6, set: ['2001:db8:0:ffff:ffff:ffff:ffff:fff0/124', '2001:db8:1::/124'], want: 32 },
];

for (const { family, set, want } of counts) {
  test(`countAddresses() of ${set.join(' ') || 'the empty set'} is ${want}`, () => {
    assert.equal(countAddresses(setOf(family, ...set)), want);
  });
}

const networks = [
  { family: ipv4, address: '10.0.0.0', length: 8, want: ['10.0.0.0', '11.0.0.0'] },
  { family: ipv4, address: '0.0.0.0', length: 0, want: ['0.0.0.0'] },
  { family: ipv4, address: '128.0.0.0', length: 1, want: ['128.0.0.0'] },
  { family: ipv4, address: '255.255.255.255', length: 32, want: ['255.255.255.255'] },
  { family: ipv4, address: '255.255.255.254', length: 32, want: ['255.255.255.254', '255.255.255.255'] },
  { family: ipv6, address: '::', length: 0, want: ['::'] },
  { family: ipv6, address: 'ff00::', length: 8, want: ['ff00::'] },
  { family: ipv6, address: '2001:db8::', length: 32, want: ['2001:db8::', '2001:db9::'] },
  {
    family: ipv6,
    address: '2001:db8:0:ffff:ffff:ffff:ffff:fff0',
    length: 124,
    want: ['2001:db8:0:ffff:ffff:ffff:ffff:fff0', '2001:db8:1::'],
  },
  { family: ipv6, address: last6.slice(0, -4), length: 128, want: [last6.slice(0, -4)] },
];

for (const { family, address, length, want } of networks) {
  test(`boundsOfPrefix() of ${address}/${length}`, () => {
    assert.deepEqual(boundaryTexts(boundsOfPrefix(family, wordsOf(family, address), length)), want);
  });
}

for (const family of families) {
  test(`boundsOfPrefix() takes the first words of a longer array, ${family.label}`, () => {
    const words = new Int32Array(4);
    assert.equal(boundsOfPrefix(family, words, family.bits).words.length, 2 * family.width);
  });
}
