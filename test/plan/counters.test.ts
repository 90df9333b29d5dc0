import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRules } from '../../src/firewall/iptables/parse.ts';
import { ipv4 } from '../../src/ip/family.ts';
import { counters } from '../../src/plan/counters.ts';

test('counters() adds up what passed and what was dropped, each packet once', () => {
  const ruleset = parseRules(
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
  assert.deepEqual(counters(ruleset), {
    passed: { packets: 880, bytes: 88000 },
    dropped: { packets: 20, bytes: 2000 },
  });
});

test('counters() of no rules are zero', () => {
  const none = { packets: 0, bytes: 0 };
  assert.deepEqual(counters({ family: ipv4, chains: new Map(), jumps: [] }), { passed: none, dropped: none });
});
