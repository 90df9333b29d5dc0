import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StatusReport } from '../../src/report/status.ts';
import { renderStatus } from '../../src/report/status.ts';

const report: StatusReport = {
  ok: true,
  problems: [],
  origin: '/etc/geofence/geofence.toml',
  fences: [
    {
      sentence: 'allow only CA (Canada)',
      mode: 'allow',
      countries: ['CA'],
      families: [
        {
          family: 'ipv4',
          set: 'geofence-main-allow-4',
          zones: 1,
          networks: 6078,
          prefixLengths: 17,
          keptPrefixLengths: 7,
          entries: 6600,
          addresses: 67_391_488,
          share: 0.0157,
        },
        {
          family: 'ipv6',
          set: 'geofence-main-allow-6',
          zones: 1,
          networks: 1091,
          prefixLengths: 1,
          keptPrefixLengths: 1,
          entries: 1091,
          addresses: 2 ** 100,
          share: 3.7e-9,
        },
      ],
    },
  ],
  openFamilies: [],
  escapes: ['192.0.2.0/24'],
  local: true,
  counters: [{ family: 'IPv4', passed: { packets: 10, bytes: 2048 }, dropped: { packets: 1, bytes: 60 } }],
  pendingUntil: undefined,
  zones: [
    { zone: 'CA IPv4', source: 'ipdeny', ageSeconds: 172_800 },
    { zone: 'CA IPv6', source: 'ipdeny', ageSeconds: 3600 },
  ],
};

test('renderStatus() is the page people look at, within 80 columns', () => {
  const page = renderStatus(report);
  assert.equal(
    page,
    [
      'policy   allow only CA (Canada)',
      'IPv4     6,078 networks from 1 zone, 67,391,488 addresses (1.6 % of IPv4)',
      '         17 → 7 prefix lengths, 6,600 entries',
      'IPv6     1,091 networks from 1 zone, 1,048,576 /48s',
      'stated   by /etc/geofence/geofence.toml',
      'escapes  192.0.2.0/24, local addresses (private, link-local, ...)',
      'zones    CA IPv4, CA IPv6 from ipdeny, the oldest 2 days old',
      'traffic  IPv4: 10 packets (2.0 KiB) passed, 1 packet (60 B) dropped',
      'covers   the host, what it forwards, and ports it publishes for containers',
      'state    as it should be',
      '',
    ].join('\n'),
  );
  for (const line of page.split('\n')) assert.ok(line.length <= 80, line);
});

test('renderStatus() lists what is wrong and what to do', () => {
  const page = renderStatus({
    ...report,
    ok: false,
    problems: ['set geofence-escape-4 is missing', 'zone CA IPv4 is old'],
  });
  assert.match(
    page,
    /state +NOT as it should be\n +set geofence-escape-4 is missing\n +zone CA IPv4 is old\n +to put it right: geofence refresh\n$/,
  );
});

test('renderStatus() keeps mentioning an open family', () => {
  assert.match(
    renderStatus({ ...report, openFamilies: ['IPv6'] }),
    /\nIPv6 +not fenced, as the policy says: everybody gets in\n/,
  );
});

test('renderStatus() without a policy says that everybody gets in', () => {
  assert.match(
    renderStatus({ ...report, origin: undefined, fences: [], zones: [] }),
    /none, and no fence: everybody gets in/,
  );
});
