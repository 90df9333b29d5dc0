import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ipv4, ipv6 } from '../../src/ip/family.ts';
import { formatBounds } from '../../src/ip/prefixes.ts';
import { aggregate, openZone } from '../../src/zones/aggregate.ts';
import { wordsOf } from '../ip/model.ts';

const zone = (...lines: string[]): Uint8Array => Buffer.from(lines.join('\n'));

test('aggregate() merges zones across their borders into the fewest networks', () => {
  const zones = [zone('192.0.2.0/25', '203.0.113.0/24'), zone('192.0.2.128/25', '203.0.113.64/26')];
  assert.deepEqual(formatBounds(aggregate(ipv4, zones)), ['192.0.2.0/24', '203.0.113.0/24']);
  const zones6 = [zone('2001:db8:1::/48'), zone('2001:db8::/48', '2001:db8:1:1::/64')];
  assert.deepEqual(formatBounds(aggregate(ipv6, zones6)), ['2001:db8::/47']);
});

test('aggregate() leaves local addresses out', () => {
  assert.deepEqual(formatBounds(aggregate(ipv4, [zone('172.0.0.0/11')])), ['172.0.0.0/12']);
});

test('aggregate() of no zones is empty', () => {
  assert.deepEqual(formatBounds(aggregate(ipv4, [])), []);
});

test('aggregate() refuses a zone with a line that cannot be read', () => {
  assert.throws(() => aggregate(ipv4, [zone('192.0.2.0/24', '198.51.100.0/2x')]), {
    message: 'Cannot merge a zone of IPv4: line 2: the prefix length is not a number: "198.51.100.0/2x"',
  });
});

test('openZone() tells the network of the source, not the merged one, and the narrowest of several', () => {
  for (const { family, text, address, want } of [
    {
      family: ipv4,
      text: '192.0.2.0/25\n192.0.2.128/25\n203.0.113.0/24\n',
      address: '192.0.2.130',
      want: '192.0.2.128/25',
    },
    { family: ipv4, text: '192.0.2.64/26\n192.0.2.0/24\n', address: '192.0.2.65', want: '192.0.2.64/26' },
    { family: ipv4, text: '192.0.2.64/26\n192.0.2.0/24\n', address: '192.0.2.1', want: '192.0.2.0/24' },
    {
      family: ipv6,
      text: '2001:db8::/33\n2001:db8:8000::/33\n',
      address: '2001:db8:9000::1',
      want: '2001:db8:8000::/33',
    },
    // Longer than what fits a sort key.
    {
      family: ipv6,
      text: '2001:db8::/32\n2001:db8::/64\n2001:db8::5/128\n',
      address: '2001:db8::5',
      want: '2001:db8::5/128',
    },
    {
      family: ipv6,
      text: '2001:db8::/32\n2001:db8::/64\n2001:db8::5/128\n',
      address: '2001:db8::6',
      want: '2001:db8::/64',
    },
  ]) {
    const { networkOf } = openZone(family, Buffer.from(text));
    assert.equal(networkOf(wordsOf(family, address)), want);
  }
});
