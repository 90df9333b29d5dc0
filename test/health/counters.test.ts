import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRules } from '../../src/firewall/ipset/parse-rules.ts';
import { noFence } from '../../src/firewall/rulesets.ts';
import { countFences, dropped } from '../../src/health/counters.ts';
import type { Ruleset } from '../../src/firewall/model.ts';
import { fenceOf } from '../helpers/fences.ts';
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

const mangle = (...rules: readonly string[]): Ruleset => parseRules('main', ipv4, saved('mangle', rules));
const raw = (...rules: readonly string[]): Ruleset => parseRules('early', ipv4, saved('raw', rules));
const saved = (table: string, rules: readonly string[]): string =>
  [
    `*${table}`,
    ':PREROUTING ACCEPT [900:90000]',
    ...[...new Set(rules.map((rule) => rule.split(' ')[2]!))].map((chain) => `:${chain} - [0:0]`),
    ...rules,
    'COMMIT',
    '',
  ].join('\n');

test('countFences() tells what each fence dropped, and what a preview would have: each packet once', () => {
  const rulesets = [
    mangle(
      '[9:900] -A GEOFENCE -m set ! --match-set geofence-cams-allow-4 src -j GEOFENCE-SEEN-cams',
      '[8:800] -A GEOFENCE -m set ! --match-set geofence-ssh-allow-4 src -g GEOFENCE-DROP-ssh',
      '[4:400] -A GEOFENCE-SEEN-cams -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j RETURN',
      '[5:500] -A GEOFENCE-SEEN-cams -j RETURN',
      '[2:200] -A GEOFENCE-DROP-ssh -p udp -m udp --sport 67 --dport 68 -j RETURN',
      '[6:600] -A GEOFENCE-DROP-ssh -m comment --comment "geofence: x" -j DROP',
    ),
    raw(
      '[7:280] -A GEOFENCE -m set ! --match-set geofence-cams-allow-4 src -j GEOFENCE-SEEN-cams',
      '[3:120] -A GEOFENCE -m set ! --match-set geofence-ssh-allow-4 src -j DROP',
      '[1:40] -A GEOFENCE -m set ! --match-set geofence-main-allow-4 src -j DROP',
      '[7:280] -A GEOFENCE-SEEN-cams -j RETURN',
    ),
  ];
  const fences = [
    fenceOf({ name: 'cams', isPreview: true }),
    fenceOf({ name: 'ssh' }),
    fenceOf({ name: 'web', countries: 'everyone' }),
  ];
  const state = { sets: new Map(), rulesets };
  assert.deepEqual(countFences(state, fences), [
    { fence: 'cams', preview: true, count: { packets: 12, bytes: 780 } },
    { fence: 'ssh', preview: false, count: { packets: 9, bytes: 720 } },
  ]);
  assert.deepEqual(dropped(state, ipv4), { packets: 10, bytes: 760 });
  assert.deepEqual(countFences(state, [fenceOf()]), []);
});
