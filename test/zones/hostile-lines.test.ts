import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Collector } from '../../src/ip/collect.ts';
import type { Family } from '../../src/ip/family.ts';
import { ipv4, ipv6 } from '../../src/ip/family.ts';
import { formatBounds } from '../../src/ip/prefixes.ts';
import { parseZone } from '../../src/zones/parse.ts';

const hostile: Readonly<Record<Family['label'], readonly string[]>> = {
  IPv4: [
    '192.0.2.0',
    '192.0.2.0/',
    '/24',
    '/',
    '192.0.2.0/33',
    '192.0.2.0/999',
    '192.0.2.0/4294967320',
    '192.0.2.0/024',
    '192.0.2.0/+24',
    '192.0.2.0/-8',
    '192.0.2.0/2 4',
    '192.0.2.0/24.0',
    '192.0.2.0/0x18',
    '192.0.2.0/255.255.255.0',
    '192.0.2.0/24/24',
    '192.0.2.0//24',
    '192.0.2/24',
    '192.0.2.0.0/24',
    '192.0.2./24',
    '.192.0.2.0/24',
    '192..0.2.0/24',
    '192.0.02.0/24',
    '0300.0.2.0/24',
    '0xc0.0.2.0/24',
    '3221225984/24',
    '192.0.2.256/24',
    '192.0.2.-1/24',
    '192,0,2,0/24',
    '192.0.2.0 /24',
    '192.0.2.0-192.0.2.255',
    '192.0.2.*',
    '!192.0.2.0/24',
    '192.0.2.0/24;',
    '192.0.2.0/24 # office',
    '192.0.2.0/24 198.51.100.0/24',
    '192.0.2.0/24,198.51.100.0/24',
    '192.0.2.0/24\u0000',
    '192.0.2.0/24\u000b',
    '192.0.2.0/24\u0085',
    '\ufeff192.0.2.0/24',
    '\u00a0192.0.2.0/24',
    '１９２.0.2.0/24',
    '192.0.2.0∕24',
    '192.0.2.0/２4',
    '\u001b[2J192.0.2.0/24',
    '0.0.0.0/0',
    '128.0.0.0/1',
    '0.0.0.0/5',
    '2001:db8::/32',
    'add geofence-main-allow-4 192.0.2.0/24',
    'flush',
    'COMMIT',
    '-A INPUT -j ACCEPT',
    '$(reboot)',
    '`reboot`',
    "'; DROP TABLE zones; --",
    '../../etc/passwd',
    '<html>',
    '{"cidr":"192.0.2.0/24"}',
    'example.org/24',
    `${'1'.repeat(100_000)}/24`,
  ],
  IPv6: [
    '2001:db8::',
    '2001:db8::/129',
    '2001:db8::/032',
    '2001:db8:::/32',
    '2001::db8::/32',
    ':2001:db8::/32',
    '2001:db8:/32',
    '2001:db8:1:2:3:4:5:6:7/64',
    '1:2:3:4:5:6:7/64',
    '1:2:3:4:5:6:7:8::/64',
    '20011:db8::/32',
    '2001:dbg::/32',
    '2001:db8::192.0.2.1/128',
    '::ffff:192.0.2.0/120',
    'fe80::1%eth0/64',
    '[2001:db8::]/32',
    '2001:db8::/32]',
    '2001-db8--/32',
    '::/0',
    '2000::/3',
    '2000::/11',
    '192.0.2.0/24',
  ],
};

const fine = { IPv4: '198.51.100.0/24', IPv6: '2001:db8:1::/48' };

for (const family of [ipv4, ipv6])
  for (const line of hostile[family.label])
    test(`parseZone() refuses ${JSON.stringify(line.slice(0, 60))} of ${family.label}, and reads on`, () => {
      const good = fine[family.label];
      const collector = new Collector(family);
      const body = Buffer.from(`${good}\n${line}\n${good}\n`);
      const { networks, refused, masked } = parseZone(body, family, collector);
      assert.deepEqual(
        refused.map((problem) => problem.line),
        [2],
      );
      assert.match(refused[0]!.text, /^[ -~]{1,63}$/);
      assert.match(refused[0]!.reason, /^[ -~]+$/);
      assert.deepEqual(masked, []);
      assert.equal(networks, 2);
      assert.deepEqual(formatBounds(collector.bounds()), [good]);
    });
