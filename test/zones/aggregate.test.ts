import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ipv4, ipv6 } from '../../src/ip/family.ts';
import { formatBounds } from '../../src/ip/prefixes.ts';
import { aggregate } from '../../src/zones/aggregate.ts';

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
