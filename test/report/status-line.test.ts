import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StatusReport } from '../../src/report/status.ts';
import { isQuiet, renderStatusLine } from '../../src/report/status-line.ts';
import { goodReport } from '../helpers/status-report.ts';

const drift = {
  kind: 'drifted',
  message: 'set geofence-escape-4 is missing',
  remedy: 'geofence restore',
} as const;

const cases: readonly [name: string, changes: Partial<StatusReport>, line: string, quiet: boolean][] = [
  ['up', {}, 'OK: allow only CA (Canada), zones 2 days old, 12,346 packets dropped', true],
  [
    'up, with a family left open',
    { families: [goodReport.families[0]!, { family: 'ipv6', coverage: 'open' }] },
    'OK: allow only CA (Canada), IPv6 is left open, zones 2 days old, 12,345 packets dropped',
    true,
  ],
  [
    'pending',
    { state: 'pending', pendingUntil: '2026-11-20T10:31:48.657Z' },
    'OK: allow only CA (Canada), on trial until 2026-11-20 10:31:48 UTC, zones 2 days old, 12,346 packets dropped',
    true,
  ],
  [
    'up, with holes',
    {
      holes: [
        { port: 'tcp/80', from: null, until: '2026-11-20T10:31:48.657Z' },
        { port: 'udp/80', from: null, until: '2026-11-20T10:31:48.657Z' },
        { port: null, from: '192.0.2.7', until: null },
      ],
    },
    'OK: allow only CA (Canada), tcp/80 and udp/80 open to everybody until 2026-11-20 10:31:48 UTC, everything open to 192.0.2.7 without an end, zones 2 days old, 12,346 packets dropped',
    true,
  ],
  [
    'one problem',
    { state: 'drifted', ok: false, problems: [drift] },
    'CRITICAL: drifted: allow only CA (Canada): set geofence-escape-4 is missing',
    false,
  ],
  [
    'several problems, the worst first',
    {
      state: 'down',
      ok: false,
      problems: [
        { ...drift, kind: 'stale', message: 'zone CA IPv4 is 9 days old' },
        drift,
        { ...drift, kind: 'down', message: 'the IPv4 rules are missing' },
      ],
    },
    'CRITICAL: down: allow only CA (Canada): the IPv4 rules are missing (and 2 more problems)',
    false,
  ],
  [
    'stale',
    {
      state: 'stale',
      ok: false,
      problems: [{ ...drift, kind: 'stale', message: 'zone CA IPv4 is 9 days old' }],
    },
    'WARNING: stale: allow only CA (Canada): zone CA IPv4 is 9 days old',
    false,
  ],
  [
    'a fence without a policy',
    { state: 'drifted', ok: false, policy: undefined, fences: [], problems: [drift] },
    'CRITICAL: drifted: set geofence-escape-4 is missing',
    false,
  ],
  [
    'none, which a monitor wants to hear of',
    { state: 'none', policy: undefined, fences: [], families: [], zones: [] },
    'CRITICAL: no policy and no fence, everybody gets in',
    false,
  ],
];

for (const [name, changes, line, quiet] of cases) {
  test(`renderStatusLine() of ${name}`, () => {
    const report = { ...goodReport, ...changes };
    assert.equal(renderStatusLine(report), `${line}\n`);
    assert.equal(isQuiet(report), quiet);
  });
}
