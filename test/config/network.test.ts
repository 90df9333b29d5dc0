import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseNetwork } from '../../src/config/network.ts';
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

for (const [input, want] of [
  ['::ffff:192.0.2.1/120', '192.0.2.0/24'],
  ['::ffff:192.0.2.0/120', '192.0.2.0/24'],
  ['::FFFF:192.0.2.7', '192.0.2.7/32'],
  ['0:0:0:0:0:ffff:192.0.2.7', '192.0.2.7/32'],
  ['::ffff:c000:207/128', '192.0.2.7/32'],
  ['::ffff:0:0/96', '0.0.0.0/0'],
] as const) {
  test(`parseNetwork() takes the IPv4-mapped "${input}" as ${want}, and says so`, () => {
    const { text, bounds, family, warning } = parseNetwork(input, 'ALLOWSUBNET');
    assert.equal(text, want);
    assert.equal(family.version, 4);
    assert.deepEqual(formatBounds(bounds), [want]);
    assert.equal(warning, `ALLOWSUBNET "${input}" is of IPv4; taken as ${want}`);
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
  ['64:ff9b::192.0.2.1/96', /not a plain address/],
  ['::192.0.2.1/120', /not a plain address/],
  ['::ffff:192.0.2.1/95', /it holds more than the IPv4-mapped addresses, ::ffff:0:0\/96/],
  ['::ffff:192.0.2.1/0', /it holds more than the IPv4-mapped addresses/],
  ['::ffff:192.0.2.1/129', /prefix length 129 is above 128/],
  ['::ffff:192.0.2.256/120', /not an IPv4 or IPv6 address or CIDR/],
];

for (const [input, reason] of refused) {
  test(`parseNetwork() refuses "${input}"`, () => {
    assert.throws(() => parseNetwork(input, '--allow-subnet'), {
      message: new RegExp(`^Cannot use --allow-subnet "${input.replaceAll('.', '\\.')}": .*${reason.source}`),
      exitCode: 2,
    });
  });
}
