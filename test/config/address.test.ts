import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isHostName, parseTypedAddress } from '../../src/config/address.ts';

test('parseTypedAddress() takes an IPv4 address in its IPv6 form for what it is', () => {
  for (const text of ['::ffff:192.0.2.1', '::FFFF:192.0.2.1', '::ffff:c000:201']) {
    const { family, words } = parseTypedAddress(text);
    assert.equal(family.format(words, 0), '192.0.2.1', text);
  }
});

for (const { text, want } of [
  { text: 'example.org', want: true },
  { text: 'localhost', want: true },
  { text: 'a-b.example.org.', want: true },
  { text: '_dmarc.example.org', want: true },
  { text: '4chan.example', want: true },
  { text: '192.0.2.300', want: false },
  { text: '192.0.2.1', want: false },
  { text: '2001:db8::1', want: false },
  { text: '192.0.2.0/24', want: false },
  { text: '-x.example', want: false },
  { text: 'a..example', want: false },
  { text: '', want: false },
  { text: `${'a.'.repeat(127)}example`, want: false },
]) {
  test(`isHostName() is ${want} for "${text.slice(0, 20)}"`, () => assert.equal(isHostName(text), want));
}

test('parseTypedAddress() tells the family', () => {
  assert.equal(parseTypedAddress('192.0.2.1').family.name, 'ipv4');
  assert.equal(parseTypedAddress('2001:db8::1').family.name, 'ipv6');
  assert.throws(() => parseTypedAddress('192.0.2.0/24'), /Cannot check "192.0.2.0\/24"/);
});
