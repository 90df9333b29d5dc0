import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyBounds, subtract } from '../../src/ip/bounds.ts';
import { families, ipv4, ipv6 } from '../../src/ip/family.ts';
import {
  countPrefixes,
  coveringPrefix,
  formatBounds,
  formatPrefix,
  prefixes,
} from '../../src/ip/prefixes.ts';
import { setOf, wordsOf, wordsOfNumber } from './model.ts';

const cases = [
  { family: ipv4, set: [], hole: [], want: [] },
  { family: ipv4, set: ['0.0.0.0/0'], hole: [], want: ['0.0.0.0/0'] },
  { family: ipv4, set: ['255.255.255.255/32'], hole: [], want: ['255.255.255.255/32'] },
  { family: ipv4, set: ['0.0.0.0/32'], hole: [], want: ['0.0.0.0/32'] },
  { family: ipv4, set: ['128.0.0.0/1'], hole: [], want: ['128.0.0.0/1'] },
  {
    family: ipv4,
    set: ['10.0.0.0/29'],
    hole: ['10.0.0.0/32', '10.0.0.7/32'],
    want: ['10.0.0.1/32', '10.0.0.2/31', '10.0.0.4/31', '10.0.0.6/32'],
  },
  {
    family: ipv4,
    set: ['224.0.0.0/3'],
    hole: ['224.0.0.0/5', '240.0.0.0/6'],
    want: ['232.0.0.0/5', '244.0.0.0/6', '248.0.0.0/5'],
  },
  { family: ipv6, set: ['::/0'], hole: [], want: ['::/0'] },
  { family: ipv6, set: ['ff00::/8'], hole: [], want: ['ff00::/8'] },
  { family: ipv6, set: ['::1/128'], hole: [], want: ['::1/128'] },
  {
    family: ipv6,
    set: ['2001:db8::/46'],
    hole: ['2001:db8::/64'],
    want: [
      ...Array.from({ length: 16 }, (_, i) => `2001:db8:0:${(1 << i).toString(16)}::/${64 - i}`),
      '2001:db8:1::/48',
      '2001:db8:2::/47',
    ],
  },
  {
    family: ipv6,
    set: ['2001:db8:0:ffff:ffff:ffff:ffff:fff0/124', '2001:db8:1::/124'],
    hole: [],
    want: ['2001:db8:0:ffff:ffff:ffff:ffff:fff0/124', '2001:db8:1::/124'],
  },
];

for (const { family, set, hole, want } of cases) {
  const name = [set.join(' ') || 'the empty set', ...hole].join(' without ');
  test(`prefixes() of ${name}`, () => {
    const bounds = subtract(setOf(family, ...set), setOf(family, ...hole));
    assert.deepEqual(formatBounds(bounds), want);
    assert.equal(countPrefixes(bounds), want.length);
  });
}

for (const family of families) {
  const { bits, width, label } = family;

  test(`prefixes() of all but the first ${label} address is one of each length`, () => {
    const all = setOf(family, `${family.format(new Int32Array(4), 0)}/0`);
    const first = setOf(family, `${family.format(new Int32Array(4), 0)}/${bits}`);
    const { lengths, words } = prefixes(subtract(all, first));
    assert.deepEqual(
      [...lengths],
      Array.from({ length: bits }, (_, i) => bits - i),
    );
    assert.deepEqual(
      words,
      Int32Array.from(
        Array.from({ length: bits }, (_, i) => [...wordsOfNumber(2n ** BigInt(i), width)]).flat(),
      ),
    );
  });

  test(`prefixes() of all but the last ${label} address is one of each length`, () => {
    const all = setOf(family, `${family.format(new Int32Array(4), 0)}/0`);
    const last = family.format(new Int32Array(4).fill(0xffffffff), 0);
    const { lengths } = prefixes(subtract(all, setOf(family, `${last}/${bits}`)));
    assert.deepEqual(
      [...lengths],
      Array.from({ length: bits }, (_, i) => i + 1),
    );
  });
}

test('prefixes() grows beyond one prefix a range', () => {
  const texts = Array.from({ length: 40 }, (_, i) => [`10.0.${i}.1/32`, `10.0.${i}.2/31`, `10.0.${i}.4/30`]);
  assert.deepEqual(formatBounds(setOf(ipv4, ...texts.flat())), texts.flat());
});

test('formatPrefix() writes the network at an index', () => {
  const list = prefixes(setOf(ipv6, '2001:db8::/32', 'fe80::/10'));
  assert.equal(formatPrefix(list, 0), '2001:db8::/32');
  assert.equal(formatPrefix(list, 1), 'fe80::/10');
});

const covering = [
  { set: ['10.0.0.0/8'], address: '10.0.0.0', want: '10.0.0.0/8' },
  { set: ['10.0.0.0/8'], address: '10.255.255.255', want: '10.0.0.0/8' },
  { set: ['10.0.0.0/8'], address: '9.255.255.255', want: undefined },
  { set: ['10.0.0.0/8'], address: '11.0.0.0', want: undefined },
  { set: ['10.0.0.0/8', '11.0.0.0/9'], address: '11.1.2.3', want: '11.0.0.0/9' },
  { set: ['10.0.0.0/8', '11.0.0.0/9'], address: '10.1.2.3', want: '10.0.0.0/8' },
  { set: ['10.0.0.0/8', '12.0.0.0/8', '13.0.0.0/9'], address: '13.0.0.0', want: '13.0.0.0/9' },
  { set: ['0.0.0.0/0'], address: '255.255.255.255', want: '0.0.0.0/0' },
  { set: ['0.0.0.0/0'], address: '0.0.0.0', want: '0.0.0.0/0' },
  { set: ['255.255.255.255/32'], address: '255.255.255.255', want: '255.255.255.255/32' },
  { set: ['255.255.255.254/32'], address: '255.255.255.255', want: undefined },
  { set: ['ff00::/8', 'fe80::/10'], address: 'ff02::1', want: 'ff00::/8' },
  { set: ['ff00::/8', 'fec0::/10'], address: 'fec0::1', want: 'fec0::/10' },
  { set: ['::/0'], address: '::', want: '::/0' },
  { set: ['2001:db8::/64', '2001:db8:0:1::/65'], address: '2001:db8:0:1::1', want: '2001:db8:0:1::/65' },
  { set: ['2001:db8::/64'], address: '2001:db8:0:1::', want: undefined },
];

for (const { set, address, want } of covering) {
  test(`coveringPrefix() of ${address} in ${set.join(' ')} is ${want ?? 'none'}`, () => {
    const family = address.includes(':') ? ipv6 : ipv4;
    assert.equal(coveringPrefix(setOf(family, ...set), wordsOf(family, address)), want);
  });
}

test('coveringPrefix() finds nothing in the empty set', () => {
  assert.equal(coveringPrefix(emptyBounds(ipv4), wordsOf(ipv4, '0.0.0.0')), undefined);
});
