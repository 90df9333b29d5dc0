import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contains, countAddresses } from '../../src/ip/bounds.ts';
import { ipv4, ipv6 } from '../../src/ip/family.ts';
import { formatBounds } from '../../src/ip/prefixes.ts';
import { localBounds } from '../../src/zones/local.ts';
import { wordsOf } from '../ip/model.ts';

const cases = [
  { family: ipv4, name: 'this network', local: ['0.0.0.0', '0.255.255.255'], global: ['1.0.0.0'] },
  {
    family: ipv4,
    name: '10/8',
    local: ['10.0.0.0', '10.255.255.255'],
    global: ['9.255.255.255', '11.0.0.0'],
  },
  {
    family: ipv4,
    name: 'carrier-grade NAT',
    local: ['100.64.0.0', '100.127.255.255'],
    global: ['100.63.255.255', '100.128.0.0'],
  },
  {
    family: ipv4,
    name: 'loopback',
    local: ['127.0.0.1', '127.255.255.255'],
    global: ['126.255.255.255', '128.0.0.0'],
  },
  { family: ipv4, name: 'link-local', local: ['169.254.1.1'], global: ['169.253.255.255', '169.255.0.0'] },
  {
    family: ipv4,
    name: '172.16/12',
    local: ['172.16.0.0', '172.31.255.255'],
    global: ['172.15.255.255', '172.32.0.0'],
  },
  { family: ipv4, name: '192.0.0/24', local: ['192.0.0.1'], global: ['191.255.255.255', '192.0.1.0'] },
  { family: ipv4, name: '192.168/16', local: ['192.168.1.1'], global: ['192.167.255.255', '192.169.0.0'] },
  { family: ipv4, name: 'benchmarking', local: ['198.18.0.0', '198.19.255.255'], global: ['198.20.0.0'] },
  {
    family: ipv4,
    name: 'multicast and reserved, to the end',
    local: ['224.0.0.1', '240.0.0.0', '255.255.255.255'],
    global: ['223.255.255.255'],
  },
  {
    family: ipv4,
    name: 'not the documentation ranges',
    local: [],
    global: ['192.0.2.1', '198.51.100.1', '203.0.113.1'],
  },
  { family: ipv6, name: 'unspecified and loopback', local: ['::', '::1'], global: ['::2'] },
  {
    family: ipv6,
    name: 'IPv4-mapped',
    local: ['::ffff:0:0', '::ffff:ffff:ffff'],
    global: ['::fffe:ffff:ffff', '::1:0:0:0'],
  },
  { family: ipv6, name: 'NAT64 for local use', local: ['64:ff9b:1::'], global: ['64:ff9b::', '64:ff9b:2::'] },
  { family: ipv6, name: 'discard-only', local: ['100::'], global: ['ff:ffff::', '100:0:0:1::'] },
  { family: ipv6, name: 'benchmarking', local: ['2001:2::'], global: ['2001:2:1::', '2001:4:112::'] },
  { family: ipv6, name: 'segment routing', local: ['5f00::'], global: ['5eff::', '5f01::'] },
  { family: ipv6, name: 'unique local', local: ['fc00::', 'fdff:ffff::'], global: ['fbff::', 'fe00::'] },
  {
    family: ipv6,
    name: 'link-local, site-local, multicast, to the end',
    local: ['fe80::1', 'fec0::1', 'ff02::1', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
    global: ['fe7f:ffff::'],
  },
  { family: ipv6, name: 'not the documentation ranges', local: [], global: ['2001:db8::1', '3fff::1'] },
];

for (const { family, name, local, global } of cases) {
  test(`localBounds() of ${family.label}: ${name}`, () => {
    const bounds = localBounds(family);
    for (const address of local) assert.ok(contains(bounds, wordsOf(family, address)), address);
    for (const address of global) assert.ok(!contains(bounds, wordsOf(family, address)), address);
  });
}

test('localBounds() holds no more than its table', () => {
  const blocks = [8, 8, 10, 8, 16, 12, 24, 16, 15, 4, 4];
  const addresses = blocks.reduce((sum, length) => sum + 2 ** (32 - length), 0);
  assert.equal(countAddresses(localBounds(ipv4)), addresses);
  assert.equal(formatBounds(localBounds(ipv6)).at(-1), 'ff00::/8');
  assert.equal(formatBounds(localBounds(ipv6)).length, 9, 'fe80::/10 and fec0::/10 are one fe80::/9');
});
