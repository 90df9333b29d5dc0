import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ipv4, ipv6 } from '../../src/ip/family.ts';
import { noFence } from '../../src/firewall/rulesets.ts';
import type { PlanReport } from '../../src/report/plan.ts';
import { reportPlan } from '../../src/explain/report-plan.ts';
import { renderPlan } from '../../src/report/plan.ts';
import { countryMapOf } from '../../src/zones/country-map.ts';
import { boundsIn, fenceState } from '../helpers/states.ts';

const zones: Record<string, string[]> = {
  CA: ['192.0.2.0/24', '2001:db8:ca::/48'],
  DE: ['198.51.100.0/25', '2001:db8:de::/48'],
  FR: ['198.51.100.128/26'],
  IT: ['198.51.100.192/27'],
  RU: ['203.0.113.0/24', '2001:db8:7::/48', '2001:db8:8::7/128'],
};
const countryMaps = [ipv4, ipv6].map((family) =>
  countryMapOf(
    family,
    Object.entries(zones).map(([country, networks]) => ({ country, bounds: boundsIn(family, networks) })),
  ),
);

const between = (before: typeof noFence, after: typeof noFence): PlanReport['difference'] =>
  reportPlan({
    desired: after,
    actual: before,
    changes: [],
    policy: { fences: [], access: [], openFamilies: [] },
    ways: [],
    refusals: [],
    countryMaps,
    connections: [],
    warnings: [],
  }).difference;

const report = (parts: Partial<PlanReport>): PlanReport => ({
  fences: [],
  access: [],
  openFamilies: [],
  applied: false,
  isFenced: true,
  difference: [],
  cutOff: [],
  refusals: [],
  warnings: [],
  changes: ['replace the IPv4 rules'],
  ...parts,
});

const allZones = Object.values(zones).flat();

test('renderPlan() names the countries with most addresses, and counts the others', () => {
  const denied = between(noFence, fenceState({ mode: 'deny', networks: allZones }));
  assert.equal(
    renderPlan(report({ difference: denied })),
    `\
shut out  IPv4: 736 addresses (under 0.01 % of IPv4)
          CA (Canada) 256, RU (Russia) 256, DE (Germany) 128 and 2 more
          largest: 192.0.2.0/24 CA, 203.0.113.0/24 RU, 198.51.100.0/25 DE
          IPv6: 3 /48s
          CA (Canada) 1, DE (Germany) 1, RU (Russia) 1
          largest: 2001:db8:7::/48 RU, 2001:db8:ca::/48 CA, 2001:db8:de::/48 DE
guards    none refuses
to do     replace the IPv4 rules
`,
  );
});

test('renderPlan() shows an escape that goes, in no country and smaller than a site', () => {
  const lost = between(
    fenceState({ networks: zones['CA'] ?? [], escapes: ['203.0.114.7', '2001:db8:9::7'] }),
    fenceState({ networks: zones['CA'] ?? [] }),
  );
  assert.equal(
    renderPlan(report({ difference: lost })),
    `\
shut out  IPv4: 1 address (under 0.01 % of IPv4)
          in no cached zone 1
          as: 203.0.114.7/32
          IPv6: less than a /48
          in no cached zone under 1
          as: 2001:db8:9::7/128
guards    none refuses
to do     replace the IPv4 rules
`,
  );
});

test('renderPlan() fits 80 columns and about a screen, whatever happens', () => {
  const both = between(
    fenceState({ networks: ['192.0.0.0/8', '2001:db8::/33'] }),
    fenceState({ mode: 'deny', networks: ['192.0.0.0/8', '2001:db8::/33'] }),
  );
  const text = renderPlan(
    report({
      difference: both,
      isFenced: false,
      cutOff: Array.from({ length: 99 }, (_, i) => ({
        address: `2001:db8:1111:2222:3333:4444:5555:${6000 + i}`,
        port: 65535,
        country: 'GB',
      })),
      refusals: [{ guard: 'ssh-peer', reason: `${'word '.repeat(40)}end`, hint: `${'hint '.repeat(30)}end` }],
      changes: [
        `replace the content of set geofence-main-allow-4 (67,391,488 addresses in, 12,345,678 addresses out)`,
      ],
    }),
  );
  const lines = text.split('\n');
  assert.deepEqual(
    lines.filter((line) => line.length > 80),
    [],
  );
  assert.ok(lines.length < 50, text);
  assert.match(text, /\ncut off +99 connected peers[^]*\n +and 89 more\n/);
});
