import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRules } from '../../src/firewall/ipset/parse-rules.ts';
import { noFence } from '../../src/firewall/rulesets.ts';
import { dropped } from '../../src/health/counters.ts';
import { ipv4 } from '../../src/ip/family.ts';

test('dropped() adds up what was dropped before and after connection tracking, each packet once', () => {
  const main = parseRules(
    'main',
    ipv4,
    [
      '*mangle',
      ':PREROUTING ACCEPT [900:90000]',
      ':GEOFENCE - [0:0]',
      '[30:3000] -A PREROUTING ! -i lo -m set ! --match-set geofence-main-allow-4 src -j GEOFENCE',
      '[10:1000] -A GEOFENCE -p udp -m udp --sport 67 --dport 68 -j RETURN',
      '[5:500] -A GEOFENCE -m limit --limit 6/min --limit-burst 10 -j LOG --log-prefix "geofence drop: "',
      '[20:2000] -A GEOFENCE -m comment --comment "geofence: x" -j DROP',
      'COMMIT',
      '',
    ].join('\n'),
  );
  const early = parseRules(
    'early',
    ipv4,
    [
      '*raw',
      ':PREROUTING ACCEPT [900:90000]',
      '[7:280] -A PREROUTING -i eth1 -j DROP',
      '[30:1200] -A PREROUTING ! -i lo -p tcp -m set ! --match-set geofence-main-allow-4 src -j DROP',
      'COMMIT',
      '',
    ].join('\n'),
  );
  assert.deepEqual(dropped({ sets: new Map(), rulesets: [main, early] }, ipv4), {
    packets: 50,
    bytes: 3200,
  });
});

test('dropped() of no rules is nothing', () => {
  assert.deepEqual(dropped(noFence, ipv4), { packets: 0, bytes: 0 });
});
