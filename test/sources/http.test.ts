import assert from 'node:assert/strict';
import type { Server } from 'node:https';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HttpOptions } from '../../src/sources/http/client.ts';
import { HttpClient } from '../../src/sources/http/client.ts';
import type { Fault } from '../helpers/faults.ts';
import { faults } from '../helpers/faults.ts';
import { localhostCertificate } from '../helpers/localhost-certificate.ts';
import { setProxies, startProxy } from '../helpers/proxy.ts';
import type { ZoneServer } from '../helpers/zone-server.ts';
import { startZoneServer } from '../helpers/zone-server.ts';

const path = '/ipblocks/data/countries/ca.zone';
const text = '192.0.2.0/24\n198.51.100.0/24\n';
const maxBytes = 2 ** 20;

function newClient(t: TestContext, options: Partial<HttpOptions> = {}): HttpClient {
  const client = new HttpClient({
    userAgent: 'geofence/test (+https://github.com/geofence/geofence)',
    connectTimeoutSeconds: 1,
    headersTimeoutSeconds: 0.2,
    bodyTimeoutSeconds: 0.2,
    signal: new AbortController().signal,
    remainingMilliseconds: () => 120_000,
    now: Date.now,
    sleep: async () => {},
    random: Math.random,
    ...options,
  });
  t.after(() => client.close());
  return client;
}

async function start(t: TestContext): Promise<ZoneServer> {
  setProxies(t);
  const server = await startZoneServer({ zones: { ipv4: { ca: text } } });
  t.after(() => server.close());
  return server;
}

async function startHttps(t: TestContext): Promise<string> {
  const server: Server = createHttpsServer(localhostCertificate, (_, response) => response.end(text));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('HttpClient.get() gives the body, where it came from and its validators', async (t) => {
  const server = await start(t);
  const download = await newClient(t).get(server.url + path, { maxBytes });
  assert.equal(String(download.body), text);
  assert.equal(download.url, server.url + path);
  assert.equal(download.isChanged, true);
  assert.match(download.validators.etag ?? '', /^"[0-9a-f]{32}"$/);
  assert.equal(download.validators.lastModified, 'Thu, 04 Sep 2025 12:00:00 GMT');
  const [request] = server.requests;
  assert.equal(request?.method, 'GET');
  assert.equal(request?.headers['user-agent'], 'geofence/test (+https://github.com/geofence/geofence)');
});

for (const name of ['etag', 'lastModified'] as const)
  test(`HttpClient.get() asks with ${name} only for what changed`, async (t) => {
    const server = await start(t);
    const client = newClient(t);
    const { validators } = await client.get(server.url + path, { maxBytes });
    const known = { maxBytes, validators: { [name]: validators[name] ?? '' } };
    const same = await client.get(server.url + path, known);
    assert.equal(same.isChanged, false);
    await server.update({ ipv4: { ca: '203.0.113.0/24\n' } });
    const changed = await client.get(server.url + path, known);
    assert.equal(changed.isChanged, true);
    assert.equal(String(changed.body), '203.0.113.0/24\n');
  });

const succeeding: { name: string; fault: Fault; requests: number }[] = [
  { name: 'decodes gzip', fault: faults.gzipped(), requests: 1 },
  { name: 'follows a redirect', fault: faults.times(1, faults.redirect(path)), requests: 2 },
  { name: 'tries again after HTTP 503', fault: faults.times(2, faults.status(503)), requests: 3 },
  { name: 'tries again after HTTP 429', fault: faults.times(1, faults.status(429)), requests: 2 },
  { name: 'tries again after a cut body', fault: faults.times(1, faults.cut()), requests: 2 },
  { name: 'tries again after no answer', fault: faults.times(1, faults.hang()), requests: 2 },
  { name: 'tries again after a stalled body', fault: faults.times(1, faults.stall()), requests: 2 },
];
for (const { name, fault, requests } of succeeding)
  test(`HttpClient.get() ${name}`, async (t) => {
    const server = await start(t);
    server.fault(path, fault);
    const { body } = await newClient(t).get(server.url + path, { maxBytes });
    assert.equal(String(body), text);
    assert.equal(server.requests.length, requests);
  });

const failing: { name: string; fault: Fault; reason: string; requests: number; remaining?: number }[] = [
  { name: 'HTTP 503', fault: faults.status(503), reason: 'HTTP 503 (3 attempts)', requests: 3 },
  { name: 'HTTP 404', fault: faults.status(404), reason: 'HTTP 404', requests: 1 },
  { name: 'HTTP 304 without a question', fault: faults.status(304), reason: 'HTTP 304', requests: 1 },
  { name: 'HTTP 206', fault: faults.status(206), reason: 'HTTP 206', requests: 1 },
  {
    name: 'a cut body',
    fault: faults.cut(),
    reason: 'connection closed before the whole body came (3 attempts)',
    requests: 3,
  },
  {
    name: 'a body without an end',
    fault: faults.cutChunk(),
    reason: 'connection closed before the whole body came (3 attempts)',
    requests: 3,
  },
  {
    name: 'a cut gzip',
    fault: faults.cutGzip(),
    reason: 'connection closed before the whole body came (3 attempts)',
    requests: 3,
  },
  { name: 'no answer', fault: faults.hang(), reason: 'no answer within 0.2 s', requests: 1, remaining: 0 },
  {
    name: 'a stalled body',
    fault: faults.stall(),
    reason: 'nothing more came for 0.2 s',
    requests: 1,
    remaining: 0,
  },
  { name: 'a gzip bomb', fault: faults.gzipBomb(20), reason: 'body is larger than 1 MiB', requests: 1 },
  {
    name: 'a large body',
    fault: faults.body('#'.repeat(maxBytes + 1)),
    reason: 'body is larger than 1 MiB',
    requests: 1,
  },
  {
    name: 'an unknown encoding',
    fault: faults.status(200, { 'content-encoding': 'br' }),
    reason: 'content encoding "br" was not asked for',
    requests: 1,
  },
  {
    name: 'a redirect to another scheme',
    fault: faults.redirect('file:///etc/passwd'),
    reason: 'redirected to file:///etc/passwd, which is not followed',
    requests: 1,
  },
  {
    name: 'a circle of redirects',
    fault: faults.redirect(path),
    reason: 'more than 5 redirects',
    requests: 6,
  },
  {
    name: 'Retry-After beyond the deadline',
    fault: faults.status(503, { 'retry-after': '3600' }),
    reason: 'HTTP 503, to be asked again in 3600 s, which is too late',
    requests: 1,
  },
  {
    name: 'Retry-After of 400 digits',
    fault: faults.status(503, { 'retry-after': '9'.repeat(400) }),
    reason: 'HTTP 503, to be asked again in more than a day, which is too late',
    requests: 1,
  },
];
for (const { name, fault, reason, requests, remaining = 120_000 } of failing)
  test(`HttpClient.get() fails on ${name}`, async (t) => {
    const server = await start(t);
    server.fault(path, fault);
    const url = server.url + path;
    const client = newClient(t, { remainingMilliseconds: () => remaining });
    await assert.rejects(client.get(url, { maxBytes }), {
      name: 'FetchError',
      message: `Cannot fetch ${url}: ${reason}`,
    });
    assert.equal(server.requests.length, requests);
  });

test('HttpClient.get() rests as long as Retry-After says', async (t) => {
  const server = await start(t);
  server.fault(path, faults.times(1, faults.status(429, { 'retry-after': '3' })));
  const slept: number[] = [];
  const client = newClient(t, { sleep: async (milliseconds) => void slept.push(milliseconds) });
  await client.get(server.url + path, { maxBytes });
  assert.deepEqual(slept, [3000]);
});

test('HttpClient.get() says when nobody listens', async (t) => {
  const server = await start(t);
  const url = server.url + path;
  await server.close();
  const message = `Cannot fetch ${url}: connection refused (3 attempts)`;
  await assert.rejects(newClient(t).get(url, { maxBytes }), { message });
});

test('HttpClient.get() says when the answer is no HTTP', async (t) => {
  setProxies(t);
  const server = createTcpServer((socket) => socket.end('220 mail.example ESMTP\r\n'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  await assert.rejects(
    newClient(t).get(url, { maxBytes }),
    /: Response does not match the HTTP.* \(3 attempts\)$/,
  );
});

test('HttpClient.get() takes a compressed file as it lies there', async (t) => {
  const server = await start(t);
  const archive = '/ipblocks/data/countries/all-zones.tar.gz';
  // As Apache does with AddEncoding.
  server.fault(archive, ({ response, answer }) => {
    response.setHeader('content-encoding', 'x-gzip');
    answer();
  });
  const { body } = await newClient(t).get(server.url + archive, { maxBytes, isCompressed: true });
  assert.deepEqual([...body.subarray(0, 2)], [0x1f, 0x8b]);
  assert.equal(server.requests[0]?.headers['accept-encoding'], 'identity');
});

for (const fault of [faults.hang(), faults.stall(), faults.trickle()])
  test('HttpClient.get() ends with the reason of the signal, whatever it waits for', async (t) => {
    const server = await start(t);
    server.fault(path, fault);
    const controller = new AbortController();
    const options = { signal: controller.signal, headersTimeoutSeconds: 60, bodyTimeoutSeconds: 60 };
    const fetching = newClient(t, options).get(server.url + path, { maxBytes });
    setTimeout(() => controller.abort(new Error('stopped')), 50);
    await assert.rejects(fetching, /^Error: stopped$/);
  });

test('HttpClient.get() asks nothing once the signal has aborted', async (t) => {
  const server = await start(t);
  const client = newClient(t, { signal: AbortSignal.abort(new Error('stopped')) });
  await assert.rejects(client.get(server.url + path, { maxBytes }), /^Error: stopped$/);
  assert.deepEqual(server.requests, []);
});

test('HttpClient.close() ends what is under way', async (t) => {
  const server = await start(t);
  server.fault(path, faults.trickle());
  const client = newClient(t);
  const fetching = client.get(server.url + path, { maxBytes });
  const outcome = assert.rejects(fetching, /^FetchError: Cannot fetch /);
  while (server.requests.length === 0) await sleep(5);
  await client.close();
  await outcome;
});

test('HttpClient.get() refuses a certificate nobody vouches for, whatever the environment says', async (t) => {
  setProxies(t);
  const url = `${await startHttps(t)}/`;
  const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
  t.after(() => {
    if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before;
  });
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
  const message = `Cannot fetch ${url}: self-signed certificate (DEPTH_ZERO_SELF_SIGNED_CERT)`;
  await assert.rejects(newClient(t).get(url, { maxBytes }), { message });

  const proxy = await startProxy(t);
  setProxies(t, { https_proxy: proxy.url });
  await assert.rejects(newClient(t).get(url, { maxBytes }), { message });
  assert.deepEqual(proxy.asked, [`CONNECT ${new URL(url).host}`]);
});

test('HttpClient.get() goes through the proxy of the environment', async (t) => {
  const server = await start(t);
  const proxy = await startProxy(t);
  setProxies(t, { http_proxy: proxy.url });
  const { body } = await newClient(t).get(server.url + path, { maxBytes });
  assert.equal(String(body), text);
  assert.deepEqual(proxy.asked, [`GET ${server.url}${path}`]);
});

test('HttpClient.get() goes past the proxy to the hosts of NO_PROXY', async (t) => {
  const server = await start(t);
  const proxy = await startProxy(t);
  setProxies(t, { http_proxy: proxy.url, no_proxy: '127.0.0.1' });
  await newClient(t).get(server.url + path, { maxBytes });
  assert.deepEqual(proxy.asked, []);
});

for (const scheme of ['http', 'https'])
  test(`HttpClient.get() does not wait for a silent proxy of ${scheme}`, async (t) => {
    const silent = createTcpServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    t.after(() => silent.close());
    const proxy = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    setProxies(t, { http_proxy: proxy, https_proxy: proxy });
    const url = `${scheme}://192.0.2.1/`;
    const client = newClient(t, { remainingMilliseconds: () => 0 });
    const message = `Cannot fetch ${url}: no answer within 0.2 s`;
    await assert.rejects(client.get(url, { maxBytes }), { message });
  });

test('HttpClient.get() says when the proxy of the environment is no URL', async (t) => {
  const server = await start(t);
  setProxies(t, { http_proxy: 'proxy.example:3128' });
  await assert.rejects(newClient(t).get(server.url + path, { maxBytes }), (error) => {
    assert.match(
      String(error),
      /^FetchError: Cannot fetch http:.+: the proxy of the environment cannot be used: /,
    );
    return true;
  });
});
