import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ipv4 } from '../../src/ip/family.ts';
import { parseIPv4 } from '../../src/ip/ipv4.ts';
import { bytesOf } from './model.ts';

const valid = [
  { text: '0.0.0.0', word: 0 },
  { text: '0.0.0.1', word: 1 },
  { text: '1.2.3.4', word: 0x01020304 },
  { text: '10.20.30.40', word: 0x0a141e28 },
  { text: '127.255.255.255', word: 0x7fffffff },
  { text: '128.0.0.0', word: 0x80000000 },
  { text: '100.200.0.99', word: 0x64c80063 },
  { text: '255.255.255.255', word: 0xffffffff },
];

for (const { text, word } of valid) {
  test(`parseIPv4() reads ${text}`, () => {
    const words = new Int32Array(1);
    assert.equal(parseIPv4(bytesOf(text), 0, text.length, words), undefined);
    assert.deepEqual(words, Int32Array.of(word));
  });

  test(`writeIPv4() writes ${text}`, () => {
    assert.equal(ipv4.format(Int32Array.of(7, word, 7), 1), text);
  });
}

const missing = 'an octet is missing';
const four = 'an IPv4 address has four octets';
const zero = 'an octet has a leading zero';
const above = 'an octet is above 255';
const none = 'not an IPv4 address';
const refused = [
  { text: '', why: four },
  { text: '1', why: four },
  { text: '16909060', why: above },
  { text: '1.2.3', why: four },
  { text: '1.2.3.', why: four },
  { text: '1.2.3.4.', why: four },
  { text: '1.2.3.4.5', why: four },
  { text: '.1.2.3', why: missing },
  { text: '1..2.3', why: missing },
  { text: '...', why: missing },
  { text: '01.2.3.4', why: zero },
  { text: '1.2.3.00', why: zero },
  { text: '1.2.3.04', why: zero },
  { text: '00.0.0.0', why: zero },
  { text: '256.0.0.0', why: above },
  { text: '0.0.0.256', why: above },
  { text: '1.2.3.1000', why: above },
  { text: '1.2.3.4294967297', why: above },
  { text: '+1.2.3.4', why: none },
  { text: '-1.2.3.4', why: none },
  { text: '1.2.3.-4', why: none },
  { text: ' 1.2.3.4', why: none },
  { text: '1.2.3.4 ', why: none },
  { text: '1.2. 3.4', why: none },
  { text: '0x1.2.3.4', why: none },
  { text: '1.2.3.4/24', why: none },
  { text: '1,2,3,4', why: none },
  { text: '1:2:3:4', why: none },
  { text: '1.2.3.٤', why: none },
  { text: '::1', why: none },
];

for (const { text, why } of refused) {
  test(`parseIPv4() refuses "${text}": ${why}`, () => {
    const bytes = bytesOf(text);
    assert.equal(parseIPv4(bytes, 0, bytes.length, new Int32Array(1)), why);
  });
}

test('parseIPv4() looks at no byte outside its part', () => {
  const words = new Int32Array(1);
  assert.equal(parseIPv4(bytesOf('9.1.2.3.45'), 2, 9, words), undefined);
  assert.deepEqual([...words], [0x01020304]);
});
