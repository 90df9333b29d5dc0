import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ZoneReport } from '../../src/report/zones.ts';
import { formatChange, formatSize, renderZones } from '../../src/report/zones.ts';

const zone = {
  zone: 'US IPv6',
  country: 'US',
  name: 'United States',
  family: 'ipv6',
  state: 'present',
  networks: 110_009,
  addresses: 9.3e9 * 2 ** 80,
  source: 'mirror zones.example.org',
  url: 'https://zones.example.org/ipv6/ipaddresses/blocks/us.zone',
  fetchedAt: '2025-09-04T12:00:00.000Z',
  ageSeconds: 12 * 86_400,
  changePercent: -12.345,
} as const;

test('renderZones() fits 80 columns', () => {
  const zones: ZoneReport[] = [
    zone,
    { ...zone, zone: 'GS IPv6', name: 'South Georgia and the South Sandwich Islands', ageSeconds: 3599 },
    { ...zone, zone: 'DE IPv4', family: 'ipv4', addresses: 2 ** 31, changePercent: 1234.5, ageSeconds: null },
    {
      zone: 'FR IPv4',
      country: 'FR',
      name: 'France',
      family: 'ipv4',
      state: 'damaged',
      reason: 'x'.repeat(99),
    },
  ];
  const lines = renderZones({ cacheDir: '/var/cache/geofence', zones }).split('\n');
  assert.deepEqual(lines, [
    'zone     networks    addresses      change         age  source  country',
    'US IPv6   110,009  9,300 M /48    -12.35 %     12 days  mirror  United States',
    'GS IPv6   110,009  9,300 M /48    -12.35 %  59 minutes  mirror  South Georgia...',
    'DE IPv4   110,009      2,147 M  +1234.50 %     unknown  mirror  United States',
    `FR IPv4  DAMAGED: ${'x'.repeat(59)}...`,
    '',
    'IPv4     1 zone, 110,009 networks, 2,147,483,648 addresses (50.0 % of IPv4)',
    'IPv6     2 zones, 220,018 networks, 18,600,000,000 /48s',
    'from     mirror zones.example.org: 3 zones, the oldest of unknown age',
    'damaged  is as good as missing: the next refresh or fetch gets it again',
    'cache    /var/cache/geofence',
    '',
  ]);
  for (const line of lines) assert.ok(line.length <= 80, line);
});

test('renderZones() adds up each source by its full name', () => {
  const zones = [zone, { ...zone, source: 'ipdeny' }, { ...zone, source: 'mirror 192.0.2.1:8080' }];
  assert.match(
    renderZones({ cacheDir: '/c', zones }),
    /\nfrom {3}ipdeny: 1 zone, .*\n {7}mirror 192\.0\.2\.1:8080: 1 zone, .*\n {7}mirror zones\.example\.org: 1 zone, /,
  );
});

for (const { percent, text } of [
  { percent: null, text: '-' },
  { percent: 0, text: '0 %' },
  { percent: 0.123, text: '+0.12 %' },
  { percent: -20, text: '-20.00 %' },
])
  test(`formatChange() says ${text}`, () => assert.equal(formatChange(percent), text));

for (const { family, addresses, text } of [
  { family: 'ipv4', addresses: 999_999, text: '999,999' },
  { family: 'ipv4', addresses: 67_391_488, text: '67.39 M' },
  { family: 'ipv6', addresses: 2 ** 80, text: '1 /48' },
  { family: 'ipv6', addresses: 2 ** 64, text: 'under a /48' },
] as const)
  test(`formatSize() says ${text}`, () => assert.equal(formatSize(family, addresses), text));
