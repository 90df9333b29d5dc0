import assert from 'node:assert/strict';
import { test } from 'node:test';
import { families, ipv4, ipv6 } from '../../src/ip/family.ts';

test('families are IPv4 and IPv6, in this order', () => {
  assert.deepEqual(families, [ipv4, ipv6]);
});

for (const family of families) {
  test(`${family.name} describes itself consistently`, () => {
    assert.equal(family.bits, family.width * 32);
    assert.equal(family.name, `ipv${family.version}`);
    assert.equal(family.label, `IPv${family.version}`);
  });

  test(`${family.name} reads what it writes`, () => {
    const words = new Int32Array(4).fill(0x01020304, 0, family.width);
    const bytes = new TextEncoder().encode(family.format(words, 0));
    const read = new Int32Array(4);
    assert.equal(family.parse(bytes, 0, bytes.length, read), undefined);
    assert.deepEqual(read, words);
  });
}
