import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Family } from '../../src/ip/family.ts';
import { ipv4, ipv6 } from '../../src/ip/family.ts';
import { formatBounds } from '../../src/ip/prefixes.ts';
import type { AcceptedZone } from '../../src/sources/accept.ts';
import { acceptZone } from '../../src/sources/accept.ts';
import { bytesOf } from '../ip/model.ts';

const accept = (body: string | Uint8Array, family: Family = ipv4): AcceptedZone | string =>
  acceptZone(typeof body === 'string' ? bytesOf(body) : body, { country: 'CA', family });

function accepted(body: string, family?: Family): AcceptedZone {
  const zone = accept(body, family);
  if (typeof zone === 'string') assert.fail(zone);
  return zone;
}

const utf16 = (text: string): Uint8Array => new Uint8Array(Buffer.from(`\ufeff${text}`, 'utf16le'));

const refused = [
  { name: 'an empty body', body: '', why: 'it is empty' },
  { name: 'only newlines', body: '\n\n', why: 'it holds no network' },
  { name: 'only comments', body: '# moved to https://example.org\n', why: 'it holds no network' },
  {
    name: 'a web page',
    body: '<!DOCTYPE html>\n<html><body>Not found</body></html>\n',
    why: 'it is a web page, not a zone',
  },
  { name: 'a web page after blanks', body: '\r\n\t <html>', why: 'it is a web page, not a zone' },
  { name: 'a web page with a byte order mark', body: '\ufeff<html>', why: 'it is a web page, not a zone' },
  {
    name: 'a byte order mark',
    body: '\ufeff192.0.2.0/24\n',
    why: 'it starts with a byte order mark',
  },
  { name: 'UTF-16', body: utf16('192.0.2.0/24\n'), why: 'it is not text' },
  { name: 'a NUL far inside', body: `${'192.0.2.0/24\n'.repeat(100)}\0\n`, why: 'it is not text' },
  { name: 'a gzip file', body: Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0), why: 'it is not text' },
  {
    name: 'an error as text',
    body: 'Too many requests',
    why: 'line 1: the prefix length is missing: "Too many requests"',
  },
  {
    name: 'one bad line',
    body: '192.0.2.0/24\n\n# bad:\n192.0.2.0/33\n198.51.100.0/24\n',
    why: 'line 4: prefix length 33 is above 32: "192.0.2.0/33"',
  },
  {
    name: 'two bad lines',
    body: '192.0.2.0/24\nx\ny\n',
    why: 'line 2: the prefix length is missing: "x" (and 1 more line)',
  },
  {
    name: 'three bad lines',
    body: 'x\ny\nz',
    why: 'line 1: the prefix length is missing: "x" (and 2 more lines)',
  },
  {
    name: 'more bad lines than are remembered',
    body: 'x\n'.repeat(10_000),
    why: 'line 1: the prefix length is missing: "x" (and at least 9 more lines)',
  },
  {
    name: 'a line cut short',
    body: '192.0.2.0/24\n198.51.100.',
    why: 'line 2: the prefix length is missing: "198.51.100."',
  },
  {
    name: 'a network that is too wide',
    body: '192.0.2.0/24\n0.0.0.0/0\n',
    why: 'line 2: a /0 is wider than /6, the widest a zone may hold: "0.0.0.0/0"',
  },
  {
    name: 'a line of the other family',
    body: '2a00::/32\n192.0.2.0/24\n',
    family: ipv6,
    why: 'line 2: not an IPv6 address: "192.0.2.0/24"',
  },
  {
    name: 'a terminal escape',
    body: '\u001b[31m192.0.2.0/24',
    why: 'line 1: not an IPv4 address: "?[31m192.0.2.0/24"',
  },
  {
    name: 'only local networks',
    body: '10.0.0.0/8\n192.168.7.0/24\n',
    why: 'it holds nothing but local addresses (10.0.0.0/8, 192.168.7.0/24)',
  },
  {
    name: 'only local networks of IPv6',
    body: 'fe80::/16\nff00::/12\n',
    family: ipv6,
    why: 'it holds nothing but local addresses (fe80::/16, ff00::/12)',
  },
  {
    name: 'three local networks',
    body: '10.0.0.0/24\n10.0.2.0/24\n10.0.4.0/24\n',
    why: 'it holds nothing but local addresses (10.0.0.0/24, 10.0.2.0/24, 10.0.4.0/24)',
  },
  {
    name: 'four local networks',
    body: '10.0.0.0/24\n10.0.2.0/24\n10.0.4.0/24\n10.0.6.0/24\n',
    why: 'it holds nothing but local addresses (10.0.0.0/24, 10.0.2.0/24, 10.0.4.0/24 and 1 more)',
  },
  {
    name: 'thousands of local networks',
    body: Array.from({ length: 5000 }, (_, i) => `10.${i >> 7}.${(i & 127) * 2}.0/24\n`).join(''),
    why: 'it holds nothing but local addresses (10.0.0.0/24, 10.0.2.0/24, 10.0.4.0/24 and 4997 more)',
  },
];

for (const { name, body, family, why } of refused) {
  test(`acceptZone() refuses ${name}`, () => {
    assert.equal(accept(body, family), why);
  });
}

test('acceptZone() counts networks and addresses', () => {
  const zone = accepted('# CA\r\n192.0.2.0/25\r\n192.0.2.128/25\r\n192.0.2.0/24');
  assert.equal(zone.networks, 3);
  assert.equal(zone.addresses, 256);
  assert.deepEqual(formatBounds(zone.bounds), ['192.0.2.0/24']);
  assert.deepEqual(zone.warnings, []);
});

test('acceptZone() counts the addresses of a single IPv6 network', () => {
  assert.equal(accepted('2001:db8::/64\n', ipv6).addresses, 2 ** 64);
});

const warned = [
  {
    name: 'host bits that are set',
    body: '192.0.2.0/24\n198.51.100.77/24\n',
    warnings: ['line 2: host bits are set: "198.51.100.77/24"; the whole network is taken'],
    cidrs: ['192.0.2.0/24', '198.51.100.0/24'],
  },
  {
    name: 'host bits in many lines',
    body: '198.51.100.77/24\n'.repeat(50),
    warnings: [
      'line 1: host bits are set: "198.51.100.77/24" (and at least 9 more lines); the whole network is taken',
    ],
    cidrs: ['198.51.100.0/24'],
  },
  {
    name: 'a private range',
    body: '192.0.2.0/24\n192.168.0.0/24\n',
    warnings: ['local addresses left out: 192.168.0.0/24'],
    cidrs: ['192.0.2.0/24'],
  },
  {
    name: 'a private range inside a network',
    body: '192.168.0.0/15\n',
    warnings: ['local addresses left out: 192.168.0.0/16'],
    cidrs: ['192.169.0.0/16'],
  },
  {
    name: 'reserved space up to the end, and host bits',
    body: '220.0.0.1/6\n240.0.0.0/6\n252.0.0.0/6\n',
    warnings: [
      'line 1: host bits are set: "220.0.0.1/6"; the whole network is taken',
      'local addresses left out: 240.0.0.0/6, 252.0.0.0/6',
    ],
    cidrs: ['220.0.0.0/6'],
  },
  {
    name: 'IPv4-mapped space inside IPv6',
    body: '2a00::/16\n::ffff:a00:0/104\n',
    family: ipv6,
    warnings: ['local addresses left out: ::ffff:a00:0/104'],
    cidrs: ['2a00::/16'],
  },
];

for (const { name, body, family, warnings, cidrs } of warned) {
  test(`acceptZone() warns of ${name}`, () => {
    const zone = accepted(body, family);
    assert.deepEqual(zone.warnings, warnings);
    assert.deepEqual(formatBounds(zone.bounds), cidrs);
  });
}
