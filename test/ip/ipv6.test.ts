import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ipv6 } from '../../src/ip/family.ts';
import { parseIPv6 } from '../../src/ip/ipv6.ts';
import { bytesOf } from './model.ts';

function parse(text: string): number[] | string {
  const bytes = bytesOf(text);
  const words = Int32Array.of(9, 9, 9, 9);
  return parseIPv6(bytes, 0, bytes.length, words) ?? Array.from(words, (word) => word >>> 0);
}

const canonical = [
  { text: '::', words: [0, 0, 0, 0] },
  { text: '::1', words: [0, 0, 0, 1] },
  { text: '1::', words: [0x10000, 0, 0, 0] },
  { text: '2001:db8::1', words: [0x20010db8, 0, 0, 1] },
  { text: '1:2:3:4:5:6:7:8', words: [0x10002, 0x30004, 0x50006, 0x70008] },
  { text: '::ffff:102:304', words: [0, 0, 0xffff, 0x01020304] },
  { text: '2001:db8:0:ffff:ffff:ffff:ffff:fff0', words: [0x20010db8, 0xffff, 0xffffffff, 0xfffffff0] },
  { text: 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', words: [~0 >>> 0, ~0 >>> 0, ~0 >>> 0, ~0 >>> 0] },
  { text: '8000::', words: [0x80000000, 0, 0, 0] },
  { text: 'a:b:c:d:e:f::', words: [0xa000b, 0xc000d, 0xe000f, 0] },
  { text: '::a:b:c:d:e:f', words: [0, 0xa000b, 0xc000d, 0xe000f] },
  { text: 'a::b', words: [0xa0000, 0, 0, 0xb] },
  { text: 'abcd::ef01:2:3:4', words: [0xabcd0000, 0, 0xef010002, 0x30004] },
  { text: 'abcd:1::ef01:2:3', words: [0xabcd0001, 0, 0xef01, 0x20003] },
];

for (const { text, words } of canonical) {
  test(`parseIPv6() reads ${text}`, () => {
    assert.deepEqual(parse(text), words);
  });

  test(`writeIPv6() writes ${text}`, () => {
    assert.equal(ipv6.format(Int32Array.of(7, 7, ...words, 7), 2), text);
  });
}

const otherForms = [
  { name: 'upper case', text: '2001:DB8::ABCD:EF', same: '2001:db8::abcd:ef' },
  { name: 'leading zeros of a group', text: '2001:0db8:0000::0001', same: '2001:db8::1' },
  { name: 'all groups', text: '2001:db8:0:0:0:0:0:1', same: '2001:db8::1' },
  { name: '"::" for one group in front', text: '::2:3:4:5:6:7:8', same: '0:2:3:4:5:6:7:8' },
  { name: '"::" for one group at the end', text: '1:2:3:4:5:6:7::', same: '1:2:3:4:5:6:7:0' },
  { name: '"::" for one group in the middle', text: '1:2:3::5:6:7:8', same: '1:2:3:0:5:6:7:8' },
  { name: '"::" for the shorter run', text: '1::4:0:0:0:8', same: '1:0:0:4::8' },
  { name: 'the first of two equal runs', text: '1:0:0:4:5:0:0:8', same: '1::4:5:0:0:8' },
  { name: 'a longer run after a shorter', text: '1:0:0:4:0:0:0:8', same: '1:0:0:4::8' },
  { name: 'a run at the end', text: '0:0:3:4:5:0:0:0', same: '0:0:3:4:5::' },
  { name: 'a single zero group', text: '1:2:0:4:5:6:7:8', same: '1:2:0:4:5:6:7:8' },
  { name: 'single zeros only', text: '0:2:0:4:0:6:0:8', same: '0:2:0:4:0:6:0:8' },
  { name: 'an IPv4-mapped address', text: '0:0:0:0:0:FFFF:0102:0304', same: '::ffff:102:304' },
];

for (const { name, text, same } of otherForms) {
  test(`writeIPv6() follows RFC 5952: ${name}`, () => {
    const words = parse(text);
    assert.ok(typeof words !== 'string', String(words));
    assert.equal(ipv6.format(Int32Array.from(words), 0), same);
  });
}

const none = 'not an IPv6 address';
const eight = 'an IPv6 address has eight groups';
const twice = '"::" stands twice';
const refused = [
  { text: '', why: eight },
  { text: '1', why: eight },
  { text: ':', why: none },
  { text: ':1', why: none },
  { text: '1:', why: none },
  { text: ':::', why: none },
  { text: '1:::2', why: none },
  { text: ':::1', why: none },
  { text: '1:::', why: none },
  { text: '::1:', why: none },
  { text: ':1::2', why: none },
  { text: '1::2::3', why: twice },
  { text: '::1::', why: twice },
  { text: '1:2:3:4:5:6:7', why: eight },
  { text: '1:2:3:4:5:6:7:8:9', why: eight },
  { text: '1:2:3:4:5:6:7:8:', why: none },
  { text: '1:2:3:4:5:6:7:8::', why: eight },
  { text: '1:2:3:4:5:6:7:8:9:a', why: eight },
  { text: '::1:2:3:4:5:6:7:8', why: eight },
  { text: '::1:2:3:4:5:6:7:8:9', why: eight },
  { text: '1::2:3:4:5:6:7:8:9', why: eight },
  { text: '1:2:3:4::5:6:7:8', why: eight },
  { text: '12345::', why: none },
  { text: '::00001', why: none },
  { text: 'g::', why: none },
  { text: '::G', why: none },
  { text: '::1%eth0', why: none },
  { text: '::1%', why: none },
  { text: '::1.2.3.4', why: none },
  { text: '::ffff:1.2.3.4', why: none },
  { text: '1.2.3.4', why: none },
  { text: '[::1]', why: none },
  { text: ' ::1', why: none },
  { text: '::1 ', why: none },
  { text: '+1::', why: none },
  { text: '-1::', why: none },
  { text: '::1/64', why: none },
  { text: '0x1::', why: none },
  { text: '@::', why: none },
  { text: '`::', why: none },
  { text: '::é', why: none },
];

for (const { text, why } of refused) {
  test(`parseIPv6() refuses "${text}": ${why}`, () => {
    assert.equal(parse(text), why);
  });
}

test('parseIPv6() looks at no byte outside its part', () => {
  const words = new Int32Array(4);
  assert.equal(parseIPv6(bytesOf('a::12:3'), 1, 5, words), undefined);
  assert.deepEqual([...words], [0, 0, 0, 0x12]);
  assert.equal(parseIPv6(bytesOf('1::2'), 0, 2, words), none);
  assert.equal(parseIPv6(bytesOf('::'), 0, 1, words), none);
});
