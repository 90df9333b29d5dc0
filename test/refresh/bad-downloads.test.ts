import { subtract } from '../../src/ip/bounds.ts';
import * as family from '../../src/ip/family.ts';
import { formatBounds } from '../../src/ip/prefixes.ts';
import { sparedBounds } from '../../src/zones/local.ts';
import { parseSavedSets } from '../helpers/saved-sets.ts';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Fault } from '../helpers/faults.ts';
import { faults } from '../helpers/faults.ts';
import { DEADLINE_SECONDS, startFencedHost } from '../helpers/fenced-host.ts';

const zonePath = '/ipblocks/data/countries/ca.zone';
const sumsPath = '/ipblocks/data/countries/MD5SUM';

interface Case {
  readonly name: string;
  readonly fault: Fault;
  /** Where it strikes; the zone by default. */
  readonly path?: string;
  readonly says: RegExp;
}

const cases: readonly Case[] = [
  { name: 'a web page with status 200', fault: faults.html(), says: /it is a web page, not a zone/ },
  { name: 'an empty body', fault: faults.empty(), says: /it is empty/ },
  { name: 'garbage', fault: faults.garbage(), says: /it is not text/ },
  { name: 'a cut body', fault: faults.cut(), says: /connection closed before the whole body came/ },
  {
    name: 'a cut chunked body',
    fault: faults.cutChunk(),
    says: /connection closed before the whole body came/,
  },
  { name: 'a list cut at a line end', fault: faults.cutAtLine(), says: /MD5 is \w{32}, MD5SUM says \w{32}/ },
  {
    name: 'another zone than listed',
    fault: faults.body('198.51.100.0/24\n'),
    says: /MD5 is \w{32}, MD5SUM says/,
  },
  {
    name: 'a bad line',
    fault: faults.body('192.0.2.0/24\n192.0.2.300/24\n'),
    says: /line 2: an octet is above 255: "192\.0\.2\.300\/24"/,
  },
  { name: 'all of IPv4', fault: faults.body('0.0.0.0/0\n'), says: /line 1: a \/0 is wider than \/6/ },
  {
    name: 'nothing but private ranges',
    fault: faults.body('10.0.0.0/8\n'),
    says: /nothing but local addresses \(10\.0\.0\.0\/8\)/,
  },
  {
    name: 'a zone of the other family',
    fault: faults.body('2001:db8::/32\n'),
    says: /line 1: .*"2001:db8::\/32"/,
  },
  { name: 'HTTP 404', fault: faults.status(404), says: /HTTP 404/ },
  { name: 'HTTP 503 for ever', fault: faults.status(503), says: /HTTP 503 \(3 attempts\)/ },
  {
    name: 'HTTP 429 with a Retry-After beyond the deadline',
    fault: faults.status(429, { 'retry-after': '3600' }),
    says: /HTTP 429, to be asked again in 3600 s, which is too late/,
  },
  { name: 'a redirect to another scheme', fault: faults.redirect('ftp://127.0.0.1/ca.zone'), says: /ftp:/ },
  { name: 'a server that never answers', fault: faults.hang(), says: /the deadline of 1 s has passed/ },
  {
    name: 'a server that stops in the middle',
    fault: faults.stall(),
    says: /the deadline of 1 s has passed/,
  },
  { name: 'a server that trickles', fault: faults.trickle(), says: /the deadline of 1 s has passed/ },
  { name: 'a gzip bomb', fault: faults.gzipBomb(32), says: /body is larger than 8 MiB/ },
  { name: 'a web page in place of MD5SUM', path: sumsPath, fault: faults.html(), says: /MD5SUM: / },
  {
    name: 'an MD5SUM that hangs',
    path: sumsPath,
    fault: faults.hang(),
    says: /the deadline of 1 s has passed/,
  },
];

for (const { name, path = zonePath, fault, says } of cases) {
  test(`geofence refresh answers ${name} with the aged copy and a warning; fence and cache stay`, async (t) => {
    const host = await startFencedHost(t);
    const before = await host.state();
    // The zone has changed, so that it must be asked for.
    await host.server.update({
      ...host.zones,
      ipv4: { ...host.zones.ipv4, ca: ['192.0.2.0/25', '198.51.100.0/25', '198.51.100.128/26'] },
    });
    host.server.fault(path, fault);
    const started = performance.now();
    const { exitCode, stdout, stderr } = await host.geofence('refresh', '--max-zone-age', '0');
    const seconds = (performance.now() - started) / 1000;
    assert.match(stderr, /^geofence: warning: using the cached copy of CA IPv4: [^\n]+\n$/, 'one line');
    assert.match(stderr, says);
    assert.equal(exitCode, 0);
    assert.equal(stdout, '');
    assert.equal(await host.state(), before);
    assert.ok(seconds < DEADLINE_SECONDS + 2, `within the deadline, not after ${seconds} s`);
  });

  test(`geofence refresh to another country answers ${name} with exit code 1; the fence stays`, async (t) => {
    const host = await startFencedHost(t);
    const before = await host.state();
    host.server.fault(path.replace('ca', 'ru'), fault);
    const { exitCode, stderr } = await host.geofence('refresh', '--deny', 'RU');
    assert.match(
      stderr,
      /^geofence: Cannot get zone RU IPv4: [^\n]+\n {2}hint: the firewall is as it was[^\n]+\n$/,
    );
    assert.match(stderr, says);
    assert.equal(exitCode, 1);
    assert.equal(await host.state(), before);
  });
}

test('geofence refresh takes host bits and private ranges in a zone with a warning each', async (t) => {
  const host = await startFencedHost(t);
  const ca = ['192.0.2.9/24', '10.0.0.0/8', '198.51.100.0/25'];
  await host.server.update({ ...host.zones, ipv4: { ca } });
  const { exitCode, stderr } = await host.geofence('refresh', '--max-zone-age', '0');
  assert.match(
    stderr,
    /warning: CA IPv4: line 1: host bits are set: "192\.0\.2\.9\/24"; the whole network is taken\n/,
  );
  assert.match(stderr, /warning: CA IPv4: local addresses left out: 10\.0\.0\.0\/8\n/);
  assert.equal(exitCode, 0);
  const [set] = parseSavedSets((await host.kernel.run('ipset', ['save', 'geofence-main-allow-4'])).stdout);
  assert.deepEqual(formatBounds(subtract(set!.bounds!, sparedBounds(family.ipv4))), [
    '192.0.2.0/24',
    '198.51.100.0/25',
  ]);
});

test('geofence refresh with one of ten zones failing uses its cached copy and the nine new ones', async (t) => {
  const codes = ['at', 'be', 'ca', 'de', 'es', 'fi', 'fr', 'gb', 'hu', 'it'];
  const ipv4 = (bits: number): Record<string, string[]> =>
    Object.fromEntries(codes.map((code, i) => [code, [`198.51.100.${i * 16}/${bits}`]]));
  const ipv6 = Object.fromEntries(codes.map((code, i) => [code, [`2001:db8:${i}::/48`]]));
  const host = await startFencedHost(t);
  await host.server.update({ ipv4: ipv4(29), ipv6 });
  await host.forgetZones();
  const allowed = ['--allow', codes.join(' ')];
  assert.equal((await host.geofence('refresh', ...allowed, '--force', 'zone-shrank')).exitCode, 0);
  await host.server.update({ ipv4: ipv4(28), ipv6 });
  host.server.fault('/ipblocks/data/countries/all-zones.tar.gz', faults.status(404));
  host.server.fault(zonePath, faults.html());
  const { exitCode, stderr } = await host.geofence('refresh', '--max-zone-age', '0', '--force', 'zone-grew');
  assert.match(stderr, /^geofence: warning: using the cached copy of CA IPv4: .*web page, not a zone\n$/);
  assert.equal(exitCode, 0);
  const { families } = (
    JSON.parse((await host.geofence('status', '--json')).stdout) as {
      fences: { families: { addresses: number }[] }[];
    }
  ).fences[0]!;
  assert.equal(families[0]?.addresses, 9 * 16 + 8);
});

test('geofence refresh never uses zz.zone or the nameless member of the archive', async (t) => {
  const host = await startFencedHost(t);
  const codes = ['at', 'be', 'ca', 'de', 'es', 'fi', 'fr', 'gb', 'hu', 'it', 'nl'];
  const ipv4 = Object.fromEntries(codes.map((code, i) => [code, [`198.51.100.${i * 16}/28`]]));
  const ipv6 = Object.fromEntries(codes.map((code, i) => [code, [`2001:db8:${i}::/48`]]));
  await host.server.update({ ipv4, ipv6 });
  await host.forgetZones();
  host.server.forget();
  const allowed = ['--allow', codes.join(',')];
  assert.equal((await host.geofence('refresh', ...allowed, '--force', 'zone-shrank')).exitCode, 0);
  assert.ok(host.server.paths.includes('/ipblocks/data/countries/all-zones.tar.gz'));
  const { stdout } = await host.geofence('check', '203.0.113.1', '198.51.100.1', '--json');
  const { addresses } = JSON.parse(stdout) as { addresses: { kernel: { passes: boolean } }[] };
  assert.deepEqual(
    addresses.map(({ kernel }) => kernel.passes),
    [false, true],
  );
});
