import assert from 'node:assert/strict';
import { test } from 'node:test';
import { everything } from '../../src/policy/scope.ts';
import { stripVTControlCharacters } from 'node:util';
import { countries } from '../../src/zones/countries.ts';
import { describeFence } from '../../src/policy/describe.ts';
import type { StatusReport } from '../../src/report/status.ts';
import { renderStatus } from '../../src/report/status-page.ts';
import { createStyle } from '../../src/words/style.ts';
import { getsIn, goodReport } from '../helpers/status-report.ts';

const plain = createStyle(false);

test('renderStatus() is the page people look at', () => {
  assert.equal(
    renderStatus(goodReport, plain),
    [
      'state     up: the fence is as the policy says, and the zones are fresh',
      'policy    allow only CA (Canada); local addresses and 192.0.2.0/24 always get in',
      'stated    by /etc/geofence/geofence.toml',
      'IPv4      67,391,488 addresses (1.6 %), 6,078 networks, 17 → 7 prefix lengths,',
      '          6,600 entries',
      'IPv6      1,048,576 /48s (under 0.01 %), 1,091 networks, 1,091 entries',
      'traffic   IPv4: 12,345 packets (60 B) dropped',
      '          IPv6: 1 packet (60 B) dropped',
      '          since the rules were last put in place',
      'zones     2 zones from ipdeny, fetched 2026-11-18 06:25 UTC (2 days ago)',
      '          fetched again when 6 days old',
      'next run  after 2026-11-23 00:00 UTC, weekly, by geofence-refresh.timer',
      'covers    the host, what it forwards, and the ports of its containers',
      'ports     fenced: tcp 22',
      '',
    ].join('\n'),
  );
});

const [ipv4, ipv6] = goodReport.families;
const openIPv6 = [ipv4!, { family: 'ipv6', coverage: 'open' }] as const;
const many = (n: number): StatusReport['listeners'] =>
  Array.from({ length: n }, (_, i) => [
    { protocol: 'tcp', port: 40_000 + i, family: 'ipv4', fenced: true, ...getsIn } as const,
    { protocol: 'udp', port: 40_000 + i, family: 'ipv6', fenced: false, ...getsIn } as const,
  ]).flat();
const everyCountry = [...countries.keys()];

/** What differs from the good report, and lines of the page that tell it. */
const cases: readonly {
  readonly name: string;
  readonly changes: Partial<StatusReport>;
  readonly says: readonly RegExp[];
}[] = [
  {
    name: 'down, with what to do once for all that has the same remedy',
    changes: {
      state: 'down',
      ok: false,
      families: [{ family: 'ipv4', coverage: 'down' }, ipv6!],
      listeners: [
        { protocol: 'tcp', port: 22, family: 'ipv4', fenced: false, ...getsIn },
        { protocol: 'tcp', port: 22, family: 'ipv6', fenced: true, ...getsIn },
        { protocol: 'udp', port: 53, family: 'ipv6', fenced: true, ...getsIn },
      ],
      problems: [
        { kind: 'down', message: 'the IPv4 rules are missing', remedy: 'geofence restore' },
        { kind: 'stale', message: 'zone CA IPv4 is old', remedy: 'geofence refresh' },
        { kind: 'drifted', message: 'set geofence-escape-4 is missing', remedy: 'geofence restore' },
      ],
    },
    says: [
      /^state +down: everybody gets in over IPv4\n/,
      /\ncovers +IPv4: NOTHING, everybody gets in\n +IPv6: the host, what it forwards/,
      /\nports +fenced over IPv6: tcp 22; udp 53\n +NOT fenced over IPv4: tcp 22\n/,
      /\nproblems +the IPv4 rules are missing\n +set geofence-escape-4 is missing\n +→ geofence restore\n +zone CA IPv4 is old\n +→ geofence refresh\n$/,
    ],
  },
  {
    name: 'down in both families',
    changes: {
      state: 'down',
      ok: false,
      families: [
        { ...ipv4!, coverage: 'down' },
        { ...ipv6!, coverage: 'down' },
      ],
    },
    says: [/^state +down: everybody gets in over IPv4 and IPv6\n/, /\ncovers +NOTHING, everybody gets in\n/],
  },
  {
    name: 'drifted',
    changes: { state: 'drifted', ok: false, families: [{ ...ipv4!, coverage: 'doubtful' }, ipv6!] },
    says: [
      /^state +drifted: the kernel does not hold what the policy says\n/,
      /\ncovers +IPv4: the host, what it forwards, and the ports of its containers,\n +with the problems below\n +IPv6: the host/,
    ],
  },
  {
    name: 'stale, and a clock that was set back',
    changes: {
      state: 'stale',
      ok: false,
      zones: [
        { zone: 'CA IPv4', source: 'ipdeny', fetchedAt: '2027-01-01T00:00:00.000Z', ageSeconds: null },
        { zone: 'CA IPv6', source: 'ipverse', fetchedAt: '2026-11-10T06:25:01.000Z', ageSeconds: 864_000 },
        { zone: 'US IPv6', source: 'ipverse', fetchedAt: '2026-11-12T06:25:01.000Z', ageSeconds: 691_200 },
      ],
    },
    says: [
      /^state +stale: the fence stands, on zones that are too old, damaged or missing\n/,
      /\nzones +1 zone from ipdeny, fetched 2027-01-01 00:00 UTC \(clock set back\)\n/,
      /\n +2 zones from ipverse, fetched 2026-11-10 06:25 UTC to 2026-11-12 06:25\n +UTC \(the oldest 10 days ago\)\n/,
    ],
  },
  {
    name: 'pending, to the second',
    changes: { state: 'pending', pendingUntil: '2026-11-20T10:31:48.657Z' },
    says: [
      /^state +pending: the fence is as the change on trial says\n/,
      /\npending +taken back at 2026-11-20 10:31:48 UTC, unless: geofence confirm\n/,
    ],
  },
  {
    name: 'none',
    changes: {
      state: 'none',
      policy: undefined,
      origin: undefined,
      fences: [],
      families: [
        { family: 'ipv4', coverage: 'open' },
        { family: 'ipv6', coverage: 'open' },
      ],
      listeners: [{ protocol: 'tcp', port: 22, family: 'ipv4', fenced: false, ...getsIn }],
      zones: [],
    },
    says: [
      /^state +none: no policy, and no fence: everybody gets in\ncovers +NOTHING, everybody gets in\nports +NOT fenced over IPv4: tcp 22\n$/,
    ],
  },
  {
    name: 'a fence without a policy',
    changes: {
      state: 'drifted',
      ok: false,
      policy: undefined,
      origin: undefined,
      problems: [{ kind: 'drifted', message: 'there is a fence', remedy: 'geofence remove' }],
    },
    says: [/^state +drifted: .*\ncovers /, /\nproblems +there is a fence\n +→ geofence remove\n$/],
  },
  {
    name: 'an open family and the ports it leaves open',
    changes: {
      families: openIPv6,
      listeners: [
        { protocol: 'tcp', port: 22, family: 'ipv4', fenced: true, ...getsIn },
        { protocol: 'tcp', port: 22, family: 'ipv6', fenced: false, ...getsIn },
        { protocol: 'tcp', port: 80, family: 'ipv6', fenced: false, ...getsIn },
      ],
    },
    says: [
      /\n +IPv6: NOTHING, everybody gets in\n/,
      /\nports +fenced over IPv4: tcp 22\n +NOT fenced over IPv6: tcp 22, 80\n/,
    ],
  },
  {
    name: 'a kernel without IPv6',
    changes: { families: [ipv4!, { family: 'ipv6', coverage: 'absent' }] },
    says: [/\n +IPv6: nothing to cover, the kernel does not have it\n/],
  },
  {
    name: 'schedules',
    changes: { schedule: { by: '/etc/cron.weekly/geofence' } },
    says: [/\nnext run +weekly, by \/etc\/cron\.weekly\/geofence\n/],
  },
  {
    name: 'a schedule of their own',
    changes: { schedule: { by: 'geofence-refresh.timer', calendar: 'Mon,Thu 03:00' } },
    says: [/\nnext run +"Mon,Thu 03:00", by geofence-refresh\.timer\n/],
  },
  {
    name: 'no schedule',
    changes: { schedule: undefined },
    says: [/\nnext run +none known: no timer or cron job of geofence → geofence install\n/],
  },
  {
    name: 'no ports',
    changes: { listeners: [] },
    says: [/\nports +nothing waits for other hosts\n$/],
  },
  {
    name: 'the fence that owns each port, and who gets in there',
    changes: {
      access: [{ way: 'tcp/22', who: 'only CA (Canada)', owner: 'ssh' }],
      listeners: [
        { protocol: 'tcp', port: 22, family: 'ipv4', fenced: true, owner: 'ssh', who: 'only CA (Canada)' },
        { protocol: 'tcp', port: 22, family: 'ipv6', fenced: true, owner: 'ssh', who: 'only CA (Canada)' },
        { protocol: 'tcp', port: 80, family: 'ipv4', fenced: true, owner: 'web', who: 'everybody' },
        { protocol: 'tcp', port: 443, family: 'ipv4', fenced: true, owner: 'web', who: 'everybody' },
        {
          protocol: 'tcp',
          port: 3306,
          family: 'ipv4',
          fenced: true,
          owner: 'main',
          who: 'only DE (Germany)',
        },
        {
          protocol: 'tcp',
          port: 3306,
          family: 'ipv6',
          fenced: true,
          owner: 'main',
          who: 'only DE (Germany)',
        },
        { protocol: 'tcp', port: 8080, family: 'ipv4', fenced: false, owner: undefined, who: 'everybody' },
      ],
    },
    says: [
      /\nports +tcp\/22 ssh: only CA \(Canada\)\n +tcp\/80, tcp\/443 web over IPv4: everybody\n +tcp\/3306: only DE \(Germany\)\n +NOT fenced over IPv4: tcp 8080\n/,
    ],
  },
  {
    name: 'what previews would drop',
    changes: {
      state: 'preview',
      counted: [
        { fence: 'main', preview: true, count: { packets: 12, bytes: 720 } },
        { fence: 'ssh', preview: false, count: { packets: 1, bytes: 60 } },
      ],
      listeners: [
        {
          protocol: 'tcp',
          port: 22,
          family: 'ipv4',
          fenced: true,
          owner: undefined,
          who: 'everybody; main only counts',
        },
      ],
    },
    says: [
      /^state +preview: nothing is dropped: fences only count what they would drop\n/,
      /\n +main would have dropped 12 packets \(720 B\)\n +ssh: 1 packet \(60 B\) dropped\n +since /,
      /\nports +tcp\/22 over IPv4: everybody; main only counts\n/,
    ],
  },
  {
    name: 'long lists',
    changes: {
      policy: `${describeFence({ mode: 'deny', countries: everyCountry.slice(0, 200), scope: everything })}; 64 escapes always get in`,
      escapes: Array.from(
        { length: 64 },
        (_, i) => `2001:db8:ffff:ffff:ffff:ffff:${i.toString(16)}:ffff/128`,
      ),
      listeners: many(500),
      origin: `/${'very-long-name/'.repeat(10)}geofence.toml`,
      warnings: [{ message: 'word '.repeat(60).trim(), remedy: 'do '.repeat(60).trim() }],
    },
    says: [
      /\nescapes +2001:db8:[^]*:7:ffff\/128\s+and\s+56\s+more\n/,
      /\nports +fenced over IPv4: tcp 40000, [^]*\s+and\s+492\s+more\n +NOT fenced over IPv6: udp 40000, /,
      /\npolicy +deny AD, [^]* and 190 more countries; 64\s+escapes always get in\n/,
    ],
  },
];

for (const { name, changes, says } of cases) {
  test(`renderStatus() tells ${name}, within 80 columns`, () => {
    const page = renderStatus({ ...goodReport, ...changes }, plain);
    for (const pattern of says) assert.match(page, pattern);
    for (const line of page.split('\n')) assert.ok(line.length <= 80, line);
  });
}

test('renderStatus() colours what matters, and nothing else changes', () => {
  for (const { changes } of cases) {
    const report = { ...goodReport, ...changes };
    const coloured = renderStatus(report, createStyle(true));
    assert.match(coloured, /^state +.\[1;3[123]m/);
    assert.equal(stripVTControlCharacters(coloured), renderStatus(report, plain));
    for (const line of coloured.split('\n').filter((text) => /\bNOT(?:HING)?\b/.test(text))) {
      assert.match(line, /\[1;31m.*\bNOT.*\[0m$/);
    }
  }
});
