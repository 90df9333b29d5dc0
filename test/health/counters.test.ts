import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRules } from '../../src/firewall/ipset/parse-rules.ts';
import { ipv4 } from '../../src/ip/family.ts';
import { counters } from '../../src/health/counters.ts';
import { noFence } from '../../src/firewall/rulesets.ts';

test('counters() adds up what passed and what was dropped, each packet once', () => {
  const fence = parseRules(
    'main',
    ipv4,
    [
      '*mangle',
      ':PREROUTING ACCEPT [900:90000]',
      ':GEOFENCE - [0:0]',
      ':GEOFENCE-DROP - [0:0]',
      ':GEOFENCE-main - [0:0]',
      '[900:90000] -A PREROUTING -j GEOFENCE',
      '[500:50000] -A GEOFENCE -i lo -j RETURN',
      '[300:30000] -A GEOFENCE -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN',
      '[100:10000] -A GEOFENCE -m comment --comment "geofence: x" -g GEOFENCE-main',
      '[70:7000] -A GEOFENCE-main -m set --match-set geofence-main-allow-4 src -j RETURN',
      '[10:1000] -A GEOFENCE-main -m set --match-set geofence-escape-4 src -j RETURN',
      '[20:2000] -A GEOFENCE-main -g GEOFENCE-DROP',
      '[5:500] -A GEOFENCE-DROP -m limit --limit 6/min --limit-burst 10 -j LOG --log-prefix "geofence drop: "',
      '[20:2000] -A GEOFENCE-DROP -j DROP',
      'COMMIT',
      '',
    ].join('\n'),
  );
  const early = parseRules(
    'early',
    ipv4,
    [
      '*raw',
      ':GEOFENCE - [0:0]',
      ':GEOFENCE-DROP - [0:0]',
      ':GEOFENCE-main - [0:0]',
      '[7:280] -A GEOFENCE -i lo -j RETURN',
      '[50:2000] -A GEOFENCE-main -m set --match-set geofence-main-allow-4 src -j RETURN',
      '[30:1200] -A GEOFENCE-DROP -j DROP',
      'COMMIT',
      '',
    ].join('\n'),
  );
  assert.deepEqual(counters({ sets: new Map(), rulesets: [fence, early] }, ipv4), {
    passed: { packets: 880, bytes: 88000 },
    dropped: { packets: 50, bytes: 3200 },
  });
});

test('counters() of no rules are zero', () => {
  const none = { packets: 0, bytes: 0 };
  assert.deepEqual(counters(noFence, ipv4), { passed: none, dropped: none });
});
