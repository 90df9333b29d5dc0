import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boundsOfPrefix, countAddresses, equalBounds, isEmpty } from '../../src/ip/bounds.ts';
import { Collector } from '../../src/ip/collect.ts';
import { families, ipv4, ipv6 } from '../../src/ip/family.ts';
import { formatBounds } from '../../src/ip/prefixes.ts';
import { boundaryTexts, setOf, wordsOfNumber } from './model.ts';

const cases = [
  { name: 'nothing', family: ipv4, add: [], want: [] },
  { name: 'one network', family: ipv4, add: ['10.0.0.0/8'], want: ['10.0.0.0/8'] },
  { name: 'duplicates', family: ipv4, add: ['10.0.0.0/8', '10.0.0.0/8', '10.0.0.0/8'], want: ['10.0.0.0/8'] },
  { name: 'neighbours', family: ipv4, add: ['11.0.0.0/8', '10.0.0.0/8'], want: ['10.0.0.0/7'] },
  {
    name: 'neighbours that are no pair',
    family: ipv4,
    add: ['12.0.0.0/8', '11.0.0.0/8'],
    want: ['11.0.0.0/8', '12.0.0.0/8'],
  },
  {
    name: 'a network in another',
    family: ipv4,
    add: ['10.9.0.0/16', '10.0.0.0/8', '10.0.0.0/24', '10.255.255.0/24'],
    want: ['10.0.0.0/8'],
  },
  {
    name: 'a network with the same start as a wider one',
    family: ipv4,
    add: ['10.0.0.0/32', '10.0.0.0/8', '10.0.0.0/9'],
    want: ['10.0.0.0/8'],
  },
  {
    name: 'any order',
    family: ipv4,
    add: ['200.0.0.0/8', '100.0.0.0/8', '1.0.0.0/8', '128.0.0.0/8', '127.0.0.0/8'],
    want: ['1.0.0.0/8', '100.0.0.0/8', '127.0.0.0/8', '128.0.0.0/8', '200.0.0.0/8'],
  },
  {
    name: 'everything',
    family: ipv4,
    add: ['10.0.0.0/8', '0.0.0.0/0', '255.255.255.255/32'],
    want: ['0.0.0.0/0'],
  },
  { name: 'both halves', family: ipv4, add: ['128.0.0.0/1', '0.0.0.0/1'], want: ['0.0.0.0/0'] },
  {
    name: 'the last address beside its neighbour',
    family: ipv4,
    add: ['255.255.255.255/32', '255.255.255.254/32'],
    want: ['255.255.255.254/31'],
  },
  {
    name: 'a network in a range that reaches the end',
    family: ipv4,
    add: ['255.0.0.0/8', '240.0.0.0/4', '254.0.0.0/8', '1.0.0.0/32'],
    want: ['1.0.0.0/32', '240.0.0.0/4'],
  },
  { name: 'all of IPv6', family: ipv6, add: ['ff00::/8', '::/0', '::1/128'], want: ['::/0'] },
  { name: 'the end of IPv6', family: ipv6, add: ['ff00::/8', 'fe00::/8', 'ffff::/56'], want: ['fe00::/7'] },
  {
    name: 'the last /56 and the last address',
    family: ipv6,
    add: [
      'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128',
      'ffff:ffff:ffff:ff00::/56',
      'ffff:ffff:ffff:fe00::/56',
    ],
    want: ['ffff:ffff:ffff:fe00::/55'],
  },
  {
    name: 'a carry from the second word into the first',
    family: ipv6,
    add: ['2001:db8:ffff:ff00::/56', '2001:db9::/32'],
    want: ['2001:db8:ffff:ff00::/56', '2001:db9::/32'],
  },
  {
    name: 'lengths on both sides of a key of 56 bits',
    family: ipv6,
    add: ['2001:db8:0:100::/57', '2001:db8::/56', '2001:db8:0:180::/58', '2001:db8:0:1c0::/58'],
    want: ['2001:db8::/55'],
  },
  {
    name: 'a long prefix in a short one',
    family: ipv6,
    add: ['2001:db8::1/128', '2001:db8::/32', '2001:db8:ffff::/64'],
    want: ['2001:db8::/32'],
  },
  {
    name: 'long prefixes only',
    family: ipv6,
    add: ['2001:db8::3/128', '2001:db8::2/128', '2001:db8::/64', '2001:db8:0:1::/64', '::1/128'],
    want: ['::1/128', '2001:db8::/63'],
  },
];

for (const { name, family, add, want } of cases) {
  test(`Collector merges ${name}`, () => {
    assert.deepEqual(formatBounds(setOf(family, ...add)), want);
  });
}

for (const family of families) {
  test(`Collector takes ${family.label} networks of every length`, () => {
    const { bits, width } = family;
    // The last network of each length, and the first.
    for (let length = 0; length <= bits; length++) {
      const ones = 2n ** BigInt(bits) - 2n ** BigInt(bits - length);
      for (const words of [wordsOfNumber(ones, width), new Int32Array(width)]) {
        const collector = new Collector(family);
        collector.add(words, length);
        assert.ok(equalBounds(collector.bounds(), boundsOfPrefix(family, words, length)), `/${length}`);
      }
    }
  });

  test(`Collector takes all ${family.label} lengths at once`, () => {
    const { bits, width } = family;
    const collector = new Collector(family);
    // 10.., 110.., 1110.. of lengths 2, 3, 4: side by side from the middle of the space, all but the last address.
    for (let length = 2; length <= bits; length++) {
      collector.add(wordsOfNumber(2n ** BigInt(bits) - 2n ** BigInt(bits - length + 1), width), length);
    }
    const last = 2n ** BigInt(bits) - 1n;
    const middle = family.format(wordsOfNumber(2n ** BigInt(bits - 1), width), 0);
    assert.deepEqual(boundaryTexts(collector.bounds()), [
      middle,
      family.format(wordsOfNumber(last, width), 0),
    ]);
  });
}

for (const { family, length, count } of [
  { family: ipv4, length: 32, count: 5000 },
  { family: ipv4, length: 24, count: 1024 },
  { family: ipv4, length: 24, count: 1025 },
  { family: ipv6, length: 48, count: 4097 },
  { family: ipv6, length: 56, count: 3000 },
  { family: ipv6, length: 64, count: 3000 },
  { family: ipv6, length: 128, count: 3000 },
]) {
  test(`Collector grows: ${count} scattered /${length} of ${family.label}`, () => {
    const collector = new Collector(family);
    const step = 2n ** BigInt(family.bits - length);
    // 7919 is prime to every count here: all places once, far out of order, every other one left free.
    for (let i = 0; i < count; i++) {
      const place = BigInt((i * 7919) % count);
      collector.add(wordsOfNumber(2n ** BigInt(family.bits - 3) + 2n * place * step, family.width), length);
    }
    const bounds = collector.bounds();
    assert.equal(bounds.words.length, 2 * count * family.width);
    assert.equal(countAddresses(bounds), count * Number(step));
  });
}

test('Collector may go on after bounds()', () => {
  const collector = new Collector(ipv4);
  assert.ok(isEmpty(collector.bounds()));
  collector.add(Int32Array.of(0x0b000000), 8);
  assert.deepEqual(formatBounds(collector.bounds()), ['11.0.0.0/8']);
  collector.add(Int32Array.of(0x0a000000), 8);
  assert.deepEqual(formatBounds(collector.bounds()), ['10.0.0.0/7']);
  assert.deepEqual(formatBounds(collector.bounds()), ['10.0.0.0/7']);
});

test('Collector does not keep the array it is given', () => {
  const collector = new Collector(ipv6);
  const words = new Int32Array(4);
  for (const [first, length] of [
    [0x20010db8, 64],
    [0x30000000, 32],
    [0x40000000, 128],
  ] as const) {
    words[0] = first;
    collector.add(words, length);
  }
  words.fill(0xffffffff);
  assert.deepEqual(formatBounds(collector.bounds()), ['2001:db8::/64', '3000::/32', '4000::/128']);
});
