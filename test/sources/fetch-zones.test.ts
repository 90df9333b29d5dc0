import assert from 'node:assert/strict';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { GeofenceError } from '../../src/errors.ts';
import { ipv4, ipv6 } from '../../src/ip/family.ts';
import { ca4, ca6, manyZones, paths, startFetching } from '../helpers/fetching.ts';
import { faults } from '../helpers/faults.ts';
import { setProxies, startProxy } from '../helpers/proxy.ts';

const { sums, archive, zone } = paths(ipv4);
const zones = {
  ipv4: { ca: ['192.0.2.0/24', '198.51.100.0/25'], us: ['203.0.113.0/24'] },
  ipv6: { ca: ['2001:db8::/32'] },
};
const caText = '192.0.2.0/24\n198.51.100.0/25\n';
const fallback = '/country/ca/ipv4-aggregated.txt';
const ofCode = (code: string, family = ipv4): typeof ca4 => ({ country: code, family });

test('fetchZones() fetches what is not cached, with its metadata', async (t) => {
  const f = await startFetching(t, zones);
  const [four, six] = await f.fetch({ wanted: [ca4, ca6] });
  assert.equal(four?.state, 'fetched');
  assert.equal(six?.state, 'fetched');
  const { md5, sha256, ...facts } = four.zone?.metadata ?? assert.fail();
  assert.match(`${md5} ${sha256}`, /^[0-9a-f]{32} [0-9a-f]{64}$/);
  assert.deepEqual(facts, {
    source: `mirror ${new URL(f.server.url).host}`,
    url: f.server.url + zone,
    fetchedAt: '2025-09-04T12:00:00.000Z',
    networks: 2,
    addresses: 384,
    etag: `"${md5}"`,
    lastModified: 'Thu, 04 Sep 2025 12:00:00 GMT',
  });
  assert.equal(await f.cached(ca4), caText);
  assert.equal(await f.cached(ca6), '2001:db8::/32\n');
  assert.deepEqual(f.server.paths.sort(), [sums, zone, paths(ipv6).sums, paths(ipv6).zone].sort());
  assert.deepEqual([...f.warnings, ...f.notes], []);
});

test('fetchZones() asks nobody for what is fresh', async (t) => {
  const f = await startFetching(t, zones);
  await f.fetch();
  f.server.forget();
  const { state, zone: kept } = await f.fetchOne();
  assert.equal(state, 'fresh');
  assert.equal(String(kept?.body), caText);
  assert.deepEqual(f.server.paths, []);
});

test('fetchZones() re-stamps an unchanged zone without fetching it', async (t) => {
  const f = await startFetching(t, zones);
  await f.fetchLastWeek();
  const { state, zone: kept } = await f.fetchOne();
  assert.equal(state, 'unchanged');
  assert.equal(kept?.metadata.fetchedAt, '2025-09-11T12:00:00.000Z');
  assert.deepEqual(f.server.paths, [sums]);
  assert.equal((await f.fetchOne()).state, 'fresh');
});

test('fetchZones() fetches of the stale zones only what changed', async (t) => {
  const f = await startFetching(t, zones);
  const wanted = [ca4, ofCode('US'), ca6];
  await f.fetchLastWeek({ wanted });
  await f.server.update({ ...zones, ipv4: { ...zones.ipv4, us: ['203.0.113.0/25'] } });
  const results = await f.fetch({ wanted });
  assert.deepEqual(
    results.map(({ state }) => state),
    ['unchanged', 'fetched', 'unchanged'],
  );
  assert.deepEqual(f.server.paths.sort(), [sums, zone.replace('ca', 'us'), paths(ipv6).sums].sort());
});

test('fetchZones() asks for fresh zones too when it is forced to', async (t) => {
  const f = await startFetching(t, zones);
  await f.fetch();
  assert.equal((await f.fetchOne({ maxAgeDays: 0 })).state, 'unchanged');
});

test('fetchZones() fetches again what is damaged in the cache, and says so', async (t) => {
  const f = await startFetching(t, zones);
  await f.fetch();
  await writeFile(f.store.pathOf(ca4), 'x');
  assert.equal((await f.fetchOne()).state, 'fetched');
  assert.equal(await f.cached(), caText);
  assert.deepEqual(f.warnings, ['CA IPv4: the cached copy cannot be used: its first line is not ours']);
});

const md5Differs = /ca\.zone: MD5 is \w{32}, MD5SUM says \w{32}/;
// What a server, a proxy or the network does to one zone, and why it is refused, listed in MD5SUM or not.
const refusals = [
  {
    name: 'a web page',
    fault: faults.html(),
    reason: /ca\.zone: it is a web page, not a zone/,
  },
  { name: 'an empty body', fault: faults.empty(), reason: /it is empty/ },
  { name: 'garbage', fault: faults.garbage(), reason: /it is not text/ },
  {
    name: 'a line cut short',
    fault: faults.body('192.0.2.0/24\n198.51.1'),
    reason: /line 2: the prefix length is missing: "198\.51\.1"/,
  },
  {
    name: 'a bad line',
    fault: faults.body('192.0.2.0/24\noops\n'),
    reason: /line 2: .+: "oops"/,
  },
  {
    name: 'all of IPv4',
    fault: faults.body('0.0.0.0/0\n'),
    reason: /line 1: a \/0 is wider than \/6/,
  },
  {
    name: 'private ranges only',
    fault: faults.body('10.0.0.0/8\n'),
    reason: /nothing but local addresses/,
  },
  {
    name: 'a zone of the other family',
    fault: faults.body('2001:db8::/32\n'),
    reason: /line 1: /,
  },
  {
    name: 'a cut body',
    fault: faults.cut(),
    reason: /connection closed before the whole body came \(3 attempts\)/,
  },
  {
    name: 'a body without an end',
    fault: faults.cutChunk(),
    reason: /connection closed before the whole body came/,
  },
  { name: 'HTTP 404', fault: faults.status(404), reason: /ca\.zone: HTTP 404/ },
  { name: 'HTTP 503', fault: faults.status(503), reason: /HTTP 503 \(3 attempts\)/ },
  {
    name: 'HTTP 429 for an hour',
    fault: faults.status(429, { 'retry-after': '3600' }),
    reason: /HTTP 429, to be asked again in 3600 s/,
  },
  {
    name: 'a redirect to a file',
    fault: faults.redirect('file:///etc/passwd'),
    reason: /redirected to file:/,
  },
  { name: 'a gzip bomb', fault: faults.gzipBomb(8), reason: /body is larger than 1 MiB/ },
];
for (const { name, fault, reason } of refusals)
  for (const kind of ['listed', 'unlisted'])
    test(`fetchZones() takes no ${kind} zone from ${name}, and keeps the old one`, async (t) => {
      const f = await startFetching(t, { ipv4: { ca: ['192.0.2.0/25'] } });
      const sources = f.request().sources.slice(0, 1);
      assert.equal((await f.fetchOne({ sources })).state, 'fetched');
      await f.fetchLastWeek();
      await f.server.update(zones);
      if (kind === 'unlisted') f.server.fault(sums, faults.status(404));
      f.server.fault(zone, fault);
      const aged = await f.fetchOne({ sources });
      assert.equal(aged.state, 'aged');
      assert.match(aged.reason ?? '', reason);
      assert.equal(String(aged.zone?.body), '192.0.2.0/25\n');
      assert.equal(await f.cached(), '192.0.2.0/25\n');

      const { store } = await startFetching(t, {});
      const missing = await f.fetchOne({ sources, store });
      assert.equal(missing.state, 'missing');
      assert.match(missing.reason ?? '', reason);
      assert.equal((await store.read(ca4)).state, 'absent');
    });

test('fetchZones() notices by its MD5 a list cut at a line end', async (t) => {
  const f = await startFetching(t, zones);
  f.server.fault(zone, faults.cutAtLine());
  const { state, reason } = await f.fetchOne({ sources: f.request().sources.slice(0, 1) });
  assert.equal(state, 'missing');
  assert.match(reason ?? '', md5Differs);
});

// What a source itself publishes, with the right MD5.
const contents = [
  {
    name: 'a zone with CRLF',
    text: '192.0.2.0/24\r\n198.51.100.0/24\r\n',
    want: 'fetched',
    warning: undefined,
  },
  { name: 'a zone without a last newline', text: '192.0.2.0/24', want: 'fetched', warning: undefined },
  { name: 'a zone that shrank', text: '192.0.2.0/30\n', want: 'fetched', warning: undefined },
  {
    name: 'a zone that grew',
    text: '192.0.2.0/24\n198.51.100.0/24\n203.0.113.0/24\n',
    want: 'fetched',
    warning: undefined,
  },
  {
    name: 'a zone with private ranges',
    text: '192.0.2.0/24\n10.0.0.0/8\n',
    want: 'fetched',
    warning: 'CA IPv4: local addresses left out: 10.0.0.0/8',
  },
  { name: 'a zone with a bad line', text: '192.0.2.0/24\n192.0.2.0/33\n', want: 'aged', warning: undefined },
  { name: 'a zone with all of IPv4', text: '0.0.0.0/0\n', want: 'aged', warning: undefined },
  { name: 'an empty zone', text: '', want: 'aged', warning: undefined },
];
for (const { name, text, want, warning } of contents)
  test(`fetchZones() answers "${want}" to ${name}`, async (t) => {
    const f = await startFetching(t, { ipv4: { ca: ['192.0.2.0/25'] } });
    await f.fetchLastWeek();
    await f.server.update({ ipv4: { ca: text } });
    assert.equal((await f.fetchOne({ sources: f.request().sources.slice(0, 1) })).state, want);
    assert.equal(await f.cached(), want === 'fetched' ? text : '192.0.2.0/25\n');
    assert.deepEqual(f.warnings, warning === undefined ? [] : [warning]);
  });

test('fetchZones() keeps a refused body aside, with the reason', async (t) => {
  const f = await startFetching(t, zones);
  f.server.fault(sums, faults.status(404));
  f.server.fault(zone, faults.html());
  await f.fetchOne();
  const text = await readFile(join(f.store.dir, 'refused', 'ipv4-ca.txt'), 'utf8');
  const first = `# 2025-09-04T12:00:00.000Z ${f.server.url}${zone}: it is a web page, not a zone\n`;
  assert.equal(text, `${first}<!DOCTYPE html>\n<html><body>Checking your browser...</body></html>\n`);
});

const updates = [
  {
    name: 'the zone came before its new list',
    path: sums,
    fault: faults.times(1, faults.wrongSum('ca.zone')),
  },
  {
    name: 'the list came before its new zone',
    path: zone,
    fault: faults.times(1, faults.body('192.0.2.0/24\n')),
  },
];
for (const { name, path, fault } of updates)
  test(`fetchZones() reads list and zone once more when ${name}`, async (t) => {
    const f = await startFetching(t, zones);
    f.server.fault(path, fault);
    assert.equal((await f.fetchOne()).state, 'fetched');
    assert.equal(await f.cached(), caText);
    assert.deepEqual(f.server.paths, [sums, zone, sums, zone]);
  });

test('fetchZones() reads an outdated list once more for all zones together', async (t) => {
  const { zones: many, ids4 } = manyZones(5);
  const f = await startFetching(t, many);
  const outdate = faults.body((body) => String(body).replaceAll(/^\w{32}/gm, 'f'.repeat(32)));
  f.server.fault(sums, faults.times(1, outdate));
  const results = await f.fetch({ wanted: ids4 });
  assert.ok(results.every(({ state }) => state === 'fetched'));
  assert.equal(f.server.paths.filter((path) => path === sums).length, 2);
});

test('fetchZones() takes no zone that the list, read once more, has no longer', async (t) => {
  const f = await startFetching(t, zones);
  let asked = 0;
  const change = (body: Buffer): string => String(body).replace(/^.*ca\.zone$/m, asked++ === 0 ? other : '');
  const other = `${'f'.repeat(32)}  ca.zone`;
  f.server.fault(sums, faults.body(change));
  const { state, reason } = await f.fetchOne({ sources: f.request().sources.slice(0, 1) });
  assert.equal(state, 'missing');
  assert.match(reason ?? '', /ca\.zone: no longer in MD5SUM$/);
});

test('fetchZones() does without MD5 sums where there are none, and says so', async (t) => {
  const f = await startFetching(t, zones);
  f.server.fault(sums, faults.status(404));
  assert.equal((await f.fetchOne()).state, 'fetched');
  assert.deepEqual(f.warnings, [
    `${f.server.url}${sums}: HTTP 404: the IPv4 zones are taken without checksums`,
  ]);
});

test('fetchZones() asks with ETag and date where there are no MD5 sums', async (t) => {
  const f = await startFetching(t, zones);
  const sources = f.request().sources.slice(1);
  await f.fetchLastWeek({ sources });
  const { state, zone: kept } = await f.fetchOne({ sources });
  assert.equal(state, 'unchanged');
  assert.equal(kept?.metadata.fetchedAt, '2025-09-11T12:00:00.000Z');
  const [request] = f.server.requests;
  assert.equal(request?.headers['if-none-match'], kept?.metadata.etag);
  assert.equal(request?.headers['if-modified-since'], kept?.metadata.lastModified);
});

test('fetchZones() does not use the ETag of another source', async (t) => {
  const f = await startFetching(t, zones);
  await f.fetchLastWeek();
  const { state, zone: kept } = await f.fetchOne({ sources: f.request().sources.slice(1) });
  assert.equal(state, 'fetched');
  assert.equal(kept?.metadata.source, 'ipverse');
  assert.equal(f.server.requests[0]?.headers['if-none-match'], undefined);
});

const brokenLists = [
  { name: 'is a web page', fault: faults.html(), reason: 'it holds no checksum' },
  { name: 'cannot be had', fault: faults.status(503), reason: 'HTTP 503 (3 attempts)' },
];
for (const { name, fault, reason } of brokenLists)
  test(`fetchZones() goes to the next source when the list ${name}`, async (t) => {
    const f = await startFetching(t, zones);
    f.server.fault(sums, fault);
    const { state, zone: kept } = await f.fetchOne();
    assert.equal(state, 'fetched');
    assert.equal(kept?.metadata.source, 'ipverse');
    assert.ok(!f.server.paths.includes(zone));

    f.server.fault(fallback, faults.status(404));
    const failed = await f.fetchOne({ maxAgeDays: 0 });
    assert.equal(failed.state, 'aged');
    assert.equal(failed.reason, `${f.server.url}${sums}: ${reason}; ${f.server.url}${fallback}: HTTP 404`);
  });

test('fetchZones() goes to the next source for the zones only that failed', async (t) => {
  const f = await startFetching(t, zones);
  f.server.fault(zone, faults.html());
  const results = await f.fetch({ wanted: [ca4, ofCode('US'), ca6] });
  assert.deepEqual(
    results.map(({ zone: kept }) => kept?.metadata.source.replace(/ .*/, '')),
    ['ipverse', 'mirror', 'mirror'],
  );
});

test('fetchZones() uses what is cached when nobody listens', async (t) => {
  const f = await startFetching(t, zones);
  await f.fetchLastWeek();
  await f.server.close();
  const [ca, us] = await f.fetch({ wanted: [ca4, ofCode('US')] });
  assert.equal(ca?.state, 'aged');
  assert.equal(String(ca.zone?.body), caText);
  assert.equal(us?.state, 'missing');
  assert.match(us.reason ?? '', /MD5SUM: connection refused \(3 attempts\); .+connection refused/);
});

test('fetchZones() says when a source has no such zone', async (t) => {
  const f = await startFetching(t, zones);
  const [result] = await f.fetch({ wanted: [ofCode('NL')] });
  assert.equal(result?.state, 'missing');
  assert.match(result.reason ?? '', /\/nl\.zone: not in MD5SUM; .+\/nl\/ipv4-aggregated\.txt: HTTP 404$/);
});

test('fetchZones() does not ask for a zone that is known to be empty by itself', async (t) => {
  const f = await startFetching(t, zones);
  const [result] = await f.fetch({ wanted: [ofCode('BV')] });
  assert.deepEqual(result, { id: ofCode('BV'), state: 'empty', reason: '' });
  assert.deepEqual(f.server.paths, []);
});

const emptiness = [
  { name: 'is not listed', sumsFault: undefined, text: undefined, want: 'empty' },
  {
    name: 'is not there, where nothing is listed',
    sumsFault: faults.status(404),
    text: undefined,
    want: 'empty',
  },
  { name: 'holds nothing', sumsFault: undefined, text: '', want: 'empty' },
  { name: 'holds only comments', sumsFault: undefined, text: '# BV\n\n# no networks', want: 'empty' },
  { name: 'has networks after all', sumsFault: undefined, text: '192.0.2.0/24\n', want: 'fetched' },
  { name: 'holds something else', sumsFault: undefined, text: 'oops\n', want: 'empty' },
];
for (const { name, sumsFault, text, want } of emptiness)
  test(`fetchZones() answers "${want}" when a zone known to be empty ${name}`, async (t) => {
    const f = await startFetching(t, {
      ipv4: { ...zones.ipv4, ...(text === undefined ? {} : { bv: text }) },
    });
    if (sumsFault !== undefined) f.server.fault(sums, sumsFault);
    const [, result] = await f.fetch({ wanted: [ca4, ofCode('BV')] });
    assert.equal(result?.state, want);
  });

test('fetchZones() takes ten zones of a family from the archive', async (t) => {
  const { zones: many, ids4, ids6 } = manyZones(10);
  const f = await startFetching(t, many);
  const results = await f.fetch({ wanted: [...ids4, ...ids6.slice(1)] });
  assert.ok(results.every(({ state }) => state === 'fetched'));
  assert.equal(await f.cached(), '192.0.2.0/28\n');
  assert.deepEqual(
    f.server.paths.filter((path) => path.startsWith('/ipblocks')),
    [sums, archive],
  );
  assert.equal(f.server.paths.filter((path) => path.startsWith('/ipv6')).length, 10);
  assert.deepEqual(f.notes, []);
  assert.equal(results[0]?.zone?.metadata.url, f.server.url + archive);
});

test('fetchZones() takes no more from the archive than was asked for', async (t) => {
  const { zones: many, ids4 } = manyZones(12);
  const f = await startFetching(t, many);
  await f.fetch({ wanted: ids4.slice(0, 11) });
  assert.equal((await readdir(join(f.store.dir, 'ipv4'))).length, 11);
  assert.equal(await f.cached(ids4[11]), undefined);
  assert.equal(await f.cached(ofCode('ZZ')), undefined);
});

const brokenArchives = [
  {
    name: 'is not there',
    fault: faults.status(404),
    listed: true,
    note: /all-zones\.tar\.gz: HTTP 404; the zones/,
  },
  {
    name: 'has another MD5',
    fault: faults.body('x'),
    listed: true,
    note: /tar\.gz: MD5 is \w+, MD5SUM says \w+; /,
  },
  {
    name: 'is a web page',
    fault: faults.html(),
    listed: false,
    note: /tar\.gz: it is no tar\.gz archive \(/,
  },
  { name: 'is cut', fault: faults.cut(), listed: true, note: /connection closed before the whole body came/ },
];
for (const { name, fault, listed, note } of brokenArchives)
  test(`fetchZones() fetches one by one when the archive ${name}`, async (t) => {
    const { zones: many, ids4 } = manyZones(10);
    const f = await startFetching(t, many);
    f.server.fault(archive, fault);
    if (!listed) f.server.fault(sums, faults.status(404));
    const results = await f.fetch({ wanted: ids4 });
    assert.ok(results.every(({ state }) => state === 'fetched'));
    assert.equal(f.server.paths.filter((path) => path.endsWith('.zone')).length, 10);
    assert.match(f.notes.join(), note);
    assert.match(f.notes.join(), /; the zones are fetched one by one$/);
  });

test('fetchZones() fetches by itself what the archive lacks or has differently', async (t) => {
  const { zones: many, ids4 } = manyZones(12);
  const f = await startFetching(t, many);
  const { ca: _, ...others } = many.ipv4;
  const other = await startFetching(t, { ipv4: { ...others, us: ['203.0.113.0/24'] } });
  const outdated = await (await fetch(other.server.url + archive)).arrayBuffer();
  f.server.fault(archive, faults.body(Buffer.from(outdated)));
  // Of the archive itself no sum is listed then.
  f.server.fault(
    sums,
    faults.body((body) => String(body).replace('all-zones.tar.gz', 'x')),
  );
  const results = await f.fetch({ wanted: ids4 });
  assert.ok(results.every(({ state }) => state === 'fetched'));
  assert.equal(await f.cached(ids4[1]), '192.0.2.16/28\n');
  assert.deepEqual(f.server.paths, [sums, archive, zone, zone.replace('ca', 'us')]);
});

test('fetchZones() does not fetch again by itself what it refuses from the archive', async (t) => {
  const { zones: many, ids4 } = manyZones(10);
  const f = await startFetching(t, { ipv4: { ...many.ipv4, ca: ['0.0.0.0/0'] } });
  const [ca] = await f.fetch({ wanted: ids4, sources: f.request().sources.slice(0, 1) });
  assert.equal(ca?.state, 'missing');
  assert.match(ca.reason ?? '', /all-zones\.tar\.gz: line 1: a \/0 is wider/);
  assert.deepEqual(f.server.paths, [sums, archive]);
});

for (const concurrency of [undefined, 1, 5])
  test(`fetchZones() asks one host ${concurrency ?? 'as many as the source likes'} at a time`, async (t) => {
    const { zones: many, ids4, ids6 } = manyZones(9);
    const f = await startFetching(t, many, 5);
    await f.fetch({ wanted: [...ids4, ...ids6], ...(concurrency === undefined ? {} : { concurrency }) });
    assert.equal(f.server.requests.length, 20);
    assert.equal(f.server.maxAtOnce, concurrency ?? 2);
  });

test('fetchZones() asks many at a time without a warning of Node.js', async (t) => {
  const { zones: many, ids4, ids6 } = manyZones(9);
  const f = await startFetching(t, many, 20);
  const warnings: Error[] = [];
  const collect = (warning: Error): void => void warnings.push(warning);
  process.on('warning', collect);
  t.after(() => process.off('warning', collect));
  await f.fetch({ wanted: [...ids4, ...ids6], concurrency: 18 });
  assert.ok(f.server.maxAtOnce > 10);
  assert.deepEqual(warnings, []);
});

test('fetchZones() rests between requests where the source likes that', async (t) => {
  const { zones: many, ids4 } = manyZones(4);
  const f = await startFetching(t, many);
  const rests: number[] = [];
  const sources = f.request().sources.map((source) => ({ ...source, pauseMilliseconds: 100 }));
  await f.fetch({
    wanted: ids4,
    sources,
    concurrency: 1,
    sleep: async (milliseconds) => void rests.push(milliseconds),
  });
  assert.deepEqual(rests, [100, 100, 100]);
});

test('fetchZones() gives a source up after three failures in a row', async (t) => {
  const { zones: many, ids4 } = manyZones(9);
  const f = await startFetching(t, many);
  f.server.fault(/\.zone$/, faults.status(503));
  const results = await f.fetch({ wanted: ids4, sources: f.request().sources.slice(0, 1), concurrency: 1 });
  assert.equal(f.server.requests.length, 1 + 3 * 3);
  assert.match(results[2]?.reason ?? '', /gb\.zone: HTTP 503 \(3 attempts\)$/);
  assert.match(results[3]?.reason ?? '', /fr\.zone: not asked, after 3 failures in a row$/);
});

test('fetchZones() does not give up a source that fails now and then', async (t) => {
  const { zones: many, ids4 } = manyZones(9);
  const f = await startFetching(t, many);
  f.server.fault(/(us|fr|nl|it)\.zone$/, faults.status(503));
  const results = await f.fetch({ wanted: ids4, sources: f.request().sources.slice(0, 1), concurrency: 1 });
  assert.match(results[7]?.reason ?? '', /it\.zone: HTTP 503 \(3 attempts\)$/);
  assert.equal(results[8]?.state, 'fetched');
});

for (const [name, fault] of [
  ['hang', faults.hang()],
  ['stall', faults.stall()],
  ['trickle', faults.trickle()],
] as const)
  for (const path of [sums, zone, archive])
    test(`fetchZones() ends at the deadline though ${path} makes it ${name}`, async (t) => {
      const { zones: many, ids4 } = manyZones(path === archive ? 10 : 3);
      const f = await startFetching(t, many);
      await f.fetchLastWeek({ wanted: ids4.slice(0, 1) });
      await f.server.update({ ipv4: { ...many.ipv4, ca: ['203.0.113.0/24'] } });
      f.server.fault(path, fault);
      const results = await f.fetch({ wanted: ids4, deadlineSeconds: 0.3 });
      assert.equal(results[0]?.state, 'aged');
      assert.match(results[0].reason ?? '', /^the deadline of 0\.3 s has passed$/);
      assert.equal(await f.cached(), '192.0.2.0/28\n');
      assert.ok(!f.server.paths.includes(fallback));
      const before = f.server.requests.length;
      await sleep(30);
      assert.equal(f.server.requests.length, before);
    });

test('fetchZones() rejects at once when its signal aborts, and goes on with nothing', async (t) => {
  const { zones: many, ids4 } = manyZones(9);
  const f = await startFetching(t, many);
  const controller = new AbortController();
  f.server.fault(/\/(ca|us)\.zone$/, () => controller.abort(new Error('SIGINT')));
  await assert.rejects(f.fetch({ wanted: ids4, signal: controller.signal }), /^Error: SIGINT$/);
  await sleep(30);
  // The second of two at a time may have been on its way.
  assert.ok(f.server.requests.length <= 3, f.server.paths.join());
  assert.deepEqual(await f.store.list(), []);
});

test('fetchZones() asks nobody when its signal has aborted before', async (t) => {
  const f = await startFetching(t, zones);
  await assert.rejects(f.fetch({ signal: AbortSignal.abort(new Error('SIGINT')) }), /^Error: SIGINT$/);
  assert.deepEqual(f.server.paths, []);
});

test('fetchZones() rejects when its signal aborts during a rest', async (t) => {
  const f = await startFetching(t, zones);
  f.server.fault(sums, faults.status(503));
  const controller = new AbortController();
  const rest = async (): Promise<void> => {
    setImmediate(() => controller.abort(new Error('SIGINT')));
    await sleep(60_000, undefined, { ref: false });
  };
  await assert.rejects(f.fetch({ signal: controller.signal, sleep: rest }), /^Error: SIGINT$/);
});

test('fetchZones() writes nothing once its signal has aborted', async (t) => {
  const f = await startFetching(t, { ipv4: { ca: ['192.0.2.0/24', '10.0.0.0/8'] } });
  const controller = new AbortController();
  // The warning comes between the acceptance of a zone and its commit.
  const warn = (): void => controller.abort(new Error('lost the lock'));
  await assert.rejects(f.fetch({ signal: controller.signal, warn }), /^Error: lost the lock$/);
  assert.deepEqual(await f.store.list(), []);
});

test('fetchZones() does not re-stamp once its signal has aborted', async (t) => {
  const f = await startFetching(t, zones);
  await f.fetchLastWeek();
  const controller = new AbortController();
  // The time is looked at for the commit after the list came.
  const now = (): number => {
    if (f.server.paths.length > 0) controller.abort(new Error('lost the lock'));
    return f.now;
  };
  await assert.rejects(f.fetch({ signal: controller.signal, now }), /^Error: lost the lock$/);
  const entry = await f.store.read(ca4);
  assert.ok(entry.state === 'present');
  assert.equal(entry.zone.metadata.fetchedAt, '2025-09-04T12:00:00.000Z');
});

test('fetchZones() rejects when the cache cannot be written, after everything has ended', async (t) => {
  const { zones: many, ids4 } = manyZones(9);
  // The first fails while the others are asked for, two at a time.
  const f = await startFetching(t, many, 200);
  await mkdir(f.store.pathOf(ids4[0]!), { recursive: true });
  await assert.rejects(f.fetch({ wanted: ids4 }), (error) => {
    assert.ok(error instanceof GeofenceError);
    assert.equal(error.message, `Cannot write "${f.store.pathOf(ids4[0]!)}": it is a folder`);
    return true;
  });
  const before = await f.store.list();
  assert.ok(f.server.requests.length < 10);
  await sleep(30);
  assert.deepEqual(await f.store.list(), before);
});

test('fetchZones() goes through the proxy of the environment', async (t) => {
  const f = await startFetching(t, zones);
  const proxy = await startProxy(t);
  setProxies(t, { http_proxy: proxy.url });
  assert.equal((await f.fetchOne()).state, 'fetched');
  assert.deepEqual(proxy.asked, [`GET ${f.server.url}${sums}`, `GET ${f.server.url}${zone}`]);
});

test('fetchZones() says who it is', async (t) => {
  const f = await startFetching(t, zones);
  await f.fetch();
  assert.ok(f.server.requests.every(({ headers }) => headers['user-agent'] === 'geofence/test'));
});

test('fetchZones() fetches each family on its own', async (t) => {
  const f = await startFetching(t, zones);
  f.server.fault(/^\/ipv6/, faults.status(503));
  const results = await f.fetch({ wanted: [ca4, ca6], sources: f.request().sources.slice(0, 1) });
  assert.deepEqual(
    results.map(({ state }) => state),
    ['fetched', 'missing'],
  );
  assert.match(results[1]?.reason ?? '', new RegExp(`${paths(ipv6).sums}: HTTP 503`));
});
