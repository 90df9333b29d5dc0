import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isHostName, parseNetwork, parseTypedAddress } from '../../src/config/address.ts';
import { formatBounds } from '../../src/ip/prefixes.ts';

const accepted: readonly { input: string; want: string; warns?: true }[] = [
  { input: '192.0.2.7', want: '192.0.2.7/32' },
  { input: '192.0.2.0/24', want: '192.0.2.0/24' },
  { input: '192.0.2.7/24', want: '192.0.2.0/24', warns: true },
  { input: '0.0.0.0/0', want: '0.0.0.0/0' },
  { input: '255.255.255.255/32', want: '255.255.255.255/32' },
  { input: '2001:db8::', want: '2001:db8::/128' },
  { input: '2001:DB8::/32', want: '2001:db8::/32' },
  { input: '2001:db8::1/32', want: '2001:db8::/32', warns: true },
  { input: '::/0', want: '::/0' },
];

for (const { input, want, warns = false } of accepted) {
  test(`parseNetwork() takes "${input}" as ${want}`, () => {
    const { text, bounds, warning } = parseNetwork(input, 'ALLOWSUBNET');
    assert.equal(text, want);
    assert.deepEqual(formatBounds(bounds), [want]);
    assert.equal(warning, warns ? `ALLOWSUBNET "${input}" has host bits set; taken as ${want}` : undefined);
  });
}

const refused: readonly [input: string, reason: RegExp][] = [
  ['', /not an IPv4 or IPv6 address or CIDR/],
  ['example.org', /not an IPv4 or IPv6 address or CIDR/],
  ['192.0.2.0/33', /prefix length 33 is above 32/],
  ['2001:db8::/129', /prefix length 129 is above 128/],
  ['192.0.2.0/', /prefix length "" is not a number/],
  ['192.0.2.0/08', /prefix length "08" is not a number/],
  ['192.0.2.0/-1', /prefix length "-1" is not a number/],
  ['192.0.2.0/24/24', /not an IPv4 or IPv6 address or CIDR/],
  ['192.0.2.0-192.0.2.9', /not an IPv4 or IPv6 address or CIDR/],
  ['01.2.3.4', /not an IPv4 or IPv6 address or CIDR/],
  ['fe80::1%eth0', /not an IPv4 or IPv6 address or CIDR/],
  // ip-cidr reads the first as the IPv4 network 192.0.2.0/24.
  ['2001:db8::192.0.2.1/24', /not a plain address/],
  ['::ffff:192.0.2.1', /not a plain address/],
];

for (const [input, reason] of refused) {
  test(`parseNetwork() refuses "${input}"`, () => {
    assert.throws(() => parseNetwork(input, '--allow-subnet'), {
      message: new RegExp(`^Cannot use --allow-subnet "${input.replaceAll('.', '\\.')}": .*${reason.source}`),
      exitCode: 2,
    });
  });
}

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
