import assert from 'node:assert/strict';
import { test } from 'node:test';
import { familyOf, maskHostBits, newCidr, parseAddress, parseCidr } from '../../src/ip/cidr.ts';
import type { Family } from '../../src/ip/family.ts';
import { families, ipv4, ipv6 } from '../../src/ip/family.ts';
import { bytesOf, numberOfWords, wordsOfNumber } from './model.ts';

/** What `parseCidr` makes of a text, in a form a test can compare: the network written out, or the reason. */
function read(family: Family, text: string): string {
  const cidr = newCidr();
  const bytes = bytesOf(text);
  const reason = parseCidr(family, bytes, 0, bytes.length, cidr);
  const masked = cidr.hadHostBits ? ' masked' : '';
  return reason ?? `${family.format(cidr.words, 0)}/${cidr.length}${masked}`;
}

const missing = 'the prefix length is missing';
const noNumber = 'the prefix length is not a number';
const cases = [
  { family: ipv4, text: '192.0.2.0/24', want: '192.0.2.0/24' },
  { family: ipv4, text: '0.0.0.0/0', want: '0.0.0.0/0' },
  { family: ipv4, text: '255.255.255.255/32', want: '255.255.255.255/32' },
  { family: ipv4, text: '128.0.0.0/1', want: '128.0.0.0/1' },
  { family: ipv4, text: '192.0.2.1/24', want: '192.0.2.0/24 masked' },
  { family: ipv4, text: '255.255.255.255/0', want: '0.0.0.0/0 masked' },
  { family: ipv4, text: '255.255.255.255/31', want: '255.255.255.254/31 masked' },
  { family: ipv4, text: '192.0.2.0', want: missing },
  { family: ipv4, text: '192.0.2.0/', want: noNumber },
  { family: ipv4, text: '192.0.2.0/08', want: noNumber },
  { family: ipv4, text: '192.0.2.0/00', want: noNumber },
  { family: ipv4, text: '192.0.2.0/-1', want: noNumber },
  { family: ipv4, text: '192.0.2.0/+8', want: noNumber },
  { family: ipv4, text: '192.0.2.0/ 8', want: noNumber },
  { family: ipv4, text: '192.0.2.0/8 ', want: noNumber },
  { family: ipv4, text: '192.0.2.0/2x', want: noNumber },
  { family: ipv4, text: '192.0.2.0/1e1', want: noNumber },
  { family: ipv4, text: '192.0.2.0/1000', want: noNumber },
  { family: ipv4, text: '192.0.2.0/4294967320', want: noNumber },
  { family: ipv4, text: '192.0.2.0/255.255.255.0', want: noNumber },
  { family: ipv4, text: '192.0.2.0/33', want: 'prefix length 33 is above 32' },
  { family: ipv4, text: '192.0.2.0/128', want: 'prefix length 128 is above 32' },
  { family: ipv4, text: '192.0.2/24', want: 'an IPv4 address has four octets' },
  { family: ipv4, text: '/24', want: 'an IPv4 address has four octets' },
  { family: ipv4, text: '192.0.2.0//24', want: 'not an IPv4 address' },
  { family: ipv4, text: '192.0.2.0/24/24', want: 'not an IPv4 address' },
  { family: ipv4, text: 'fe80::/10', want: 'not an IPv4 address' },
  { family: ipv4, text: '2001:db8::/32', want: 'an octet is above 255' },
  { family: ipv4, text: '', want: missing },
  { family: ipv4, text: '/', want: noNumber },
  { family: ipv6, text: '2001:db8::/32', want: '2001:db8::/32' },
  { family: ipv6, text: '2001:DB8::/32', want: '2001:db8::/32' },
  { family: ipv6, text: '::/0', want: '::/0' },
  { family: ipv6, text: 'ff00::/8', want: 'ff00::/8' },
  { family: ipv6, text: '::1/128', want: '::1/128' },
  { family: ipv6, text: '2001:db8::1/32', want: '2001:db8::/32 masked' },
  { family: ipv6, text: 'ffff::/0', want: '::/0 masked' },
  { family: ipv6, text: '::1/127', want: '::/127 masked' },
  { family: ipv6, text: '2001:db8::/129', want: 'prefix length 129 is above 128' },
  { family: ipv6, text: '2001:db8::/032', want: noNumber },
  { family: ipv6, text: '2001:db8::', want: missing },
  { family: ipv6, text: '2001:db8/32', want: 'an IPv6 address has eight groups' },
  { family: ipv6, text: 'fe80::1%eth0/64', want: 'not an IPv6 address' },
  { family: ipv6, text: '2001:db8::1.2.3.4/24', want: 'not an IPv6 address' },
  { family: ipv6, text: '192.0.2.0/24', want: 'not an IPv6 address' },
];

for (const { family, text, want } of cases) {
  test(`parseCidr() of ${family.label} "${text}": ${want}`, () => {
    assert.equal(read(family, text), want);
  });
}

test('parseCidr() looks at no byte outside its part', () => {
  const cidr = newCidr();
  const bytes = bytesOf('1/10.0.0.0/87\n/1');
  assert.equal(parseCidr(ipv4, bytes, 2, 12, cidr), undefined);
  assert.deepEqual([cidr.words[0], cidr.length], [0x0a000000, 8]);
  assert.equal(parseCidr(ipv4, bytes, 2, 10, cidr), missing);
  assert.equal(parseCidr(ipv4, bytes, 13, 14, cidr), missing);
});

test('parseCidr() leaves nothing of the line before', () => {
  const cidr = newCidr();
  for (const text of ['2001:db8:1:2:3:4:5:6/64', '2001:db8::/64']) {
    assert.equal(parseCidr(ipv6, bytesOf(text), 0, text.length, cidr), undefined);
  }
  assert.deepEqual([[...cidr.words], cidr.length, cidr.hadHostBits], [[0x20010db8, 0, 0, 0], 64, false]);
});

for (const { label, bits, width } of families) {
  test(`maskHostBits() clears the bits beyond every ${label} length`, () => {
    const ones = 2n ** BigInt(bits) - 1n;
    for (let length = 0; length <= bits; length++) {
      const network = (ones >> BigInt(bits - length)) << BigInt(bits - length);
      const words = wordsOfNumber(ones, width);
      assert.equal(maskHostBits(words, length, width), length < bits, `/${length}`);
      assert.equal(numberOfWords(words, 0, width), network, `/${length}`);
      assert.equal(maskHostBits(words, length, width), false, `/${length} again`);
    }
  });

  test(`maskHostBits() sees every single host bit of ${label}`, () => {
    for (let bit = 0; bit < bits; bit++) {
      for (const length of [0, 1, 31, 32, 33, 64, 95, 96, bits - 1, bits].filter((l) => l <= bits)) {
        const words = wordsOfNumber(2n ** BigInt(bit), width);
        const isHostBit = bit < bits - length;
        assert.equal(maskHostBits(words, length, width), isHostBit, `bit ${bit} of /${length}`);
        assert.equal(numberOfWords(words, 0, width), isHostBit ? 0n : 2n ** BigInt(bit));
      }
    }
  });
}

test('familyOf() goes by the colon', () => {
  assert.equal(familyOf('192.0.2.0/24'), ipv4);
  assert.equal(familyOf('2001:db8::/32'), ipv6);
  assert.equal(familyOf('::ffff:1.2.3.4'), ipv6);
  assert.equal(familyOf(''), ipv4);
});

test('parseAddress() gives as many words as the family has', () => {
  assert.deepEqual(parseAddress(ipv4, '192.0.2.1'), Int32Array.of(0xc0000201));
  assert.deepEqual(parseAddress(ipv6, '::1'), Int32Array.of(0, 0, 0, 1));
});

for (const { family, text } of [
  { family: ipv4, text: '::1' },
  { family: ipv6, text: '192.0.2.1' },
  { family: ipv4, text: '192.0.2.1/32' },
  { family: ipv4, text: '' },
  { family: ipv6, text: '' },
]) {
  test(`parseAddress() gives nothing for ${family.label} "${text}"`, () => {
    assert.equal(parseAddress(family, text), undefined);
  });
}
