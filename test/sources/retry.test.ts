import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FetchError, problemOf, problemOfStatus } from '../../src/sources/http/error.ts';
import { parseRetryAfter, pause, withRetry } from '../../src/sources/http/retry.ts';

const url = 'https://example.com/ca.zone';
const transient = new FetchError(url, { reason: 'HTTP 503', isTransient: true });
const neverAborted = new AbortController().signal;

/** Fails with these errors one after the other, then succeeds; says how long was slept in between. */
async function retried(
  errors: Error[],
  { remaining = 120_000, random = 0 } = {},
): Promise<{ outcome: string; slept: number[] }> {
  const slept: number[] = [];
  const attempt = (): Promise<string> => {
    const error = errors.shift();
    return error === undefined ? Promise.resolve('done') : Promise.reject(error);
  };
  const outcome = await withRetry(attempt, {
    sleep: async (milliseconds) => void slept.push(milliseconds),
    random: () => random,
    signal: neverAborted,
    remainingMilliseconds: () => remaining,
  }).catch((error: Error) => error.message);
  return { outcome, slept };
}

const asking = (retryAfterMilliseconds: number): FetchError =>
  new FetchError(url, problemOfStatus(429, retryAfterMilliseconds));

const cases: {
  name: string;
  errors: Error[];
  options?: { remaining?: number; random?: number };
  outcome: string;
  slept: number[];
}[] = [
  { name: 'does not try again what succeeds', errors: [], outcome: 'done', slept: [] },
  {
    name: 'tries again after transient errors',
    errors: [transient, transient],
    outcome: 'done',
    slept: [250, 500],
  },
  {
    name: 'adds chance to its rests',
    errors: [transient, transient],
    options: { random: 0.5 },
    outcome: 'done',
    slept: [375, 750],
  },
  {
    name: 'gives up after three attempts',
    errors: [transient, transient, transient, transient],
    outcome: `Cannot fetch ${url}: HTTP 503 (3 attempts)`,
    slept: [250, 500],
  },
  {
    name: 'gives up at once on what stays wrong',
    errors: [new FetchError(url, problemOfStatus(404, undefined))],
    outcome: `Cannot fetch ${url}: HTTP 404`,
    slept: [],
  },
  { name: 'throws on what is no fetch error', errors: [new TypeError('a bug')], outcome: 'a bug', slept: [] },
  { name: 'rests as long as the server asks', errors: [asking(7000)], outcome: 'done', slept: [7000] },
  {
    name: 'gives up when the server asks for more than there is',
    errors: [asking(7000)],
    options: { remaining: 6500 },
    outcome: `Cannot fetch ${url}: HTTP 429, to be asked again in 7 s, which is too late`,
    slept: [],
  },
  {
    name: 'does not rest past the deadline',
    errors: [transient],
    options: { remaining: 200 },
    outcome: `Cannot fetch ${url}: HTTP 503`,
    slept: [],
  },
];
for (const { name, errors, options, outcome, slept } of cases)
  test(`withRetry() ${name}`, async () =>
    assert.deepEqual(await retried(errors, options), { outcome, slept }));

test('withRetry() rejects with the reason of an aborted signal', async () => {
  const controller = new AbortController();
  const attempt = (): Promise<never> => {
    controller.abort(new Error('stopped'));
    return Promise.reject(transient);
  };
  const options = { sleep: async () => {}, random: () => 0, remainingMilliseconds: () => 1000 };
  await assert.rejects(withRetry(attempt, { ...options, signal: controller.signal }), /^Error: stopped$/);
});

const never = (): Promise<void> => new Promise(() => {});

test('pause() wakes as soon as the signal aborts', async () => {
  const controller = new AbortController();
  setTimeout(() => controller.abort(new Error('stopped')), 10);
  await assert.rejects(pause(60_000, { sleep: never, signal: controller.signal }), /^Error: stopped$/);
  await assert.rejects(pause(0, { sleep: never, signal: controller.signal }), /^Error: stopped$/);
});

const now = Date.parse('2025-09-04T12:00:00Z');
const headers = [
  { header: undefined, want: undefined },
  { header: '120', want: 120_000 },
  { header: '0', want: 0 },
  { header: 'Thu, 04 Sep 2025 12:00:30 GMT', want: 30_000 },
  { header: 'Thu, 04 Sep 2025 11:00:00 GMT', want: 0 },
  { header: 'soon', want: undefined },
  { header: '-1', want: undefined },
  { header: '1e9', want: undefined },
  { header: '9'.repeat(400), want: Infinity },
];
for (const { header, want } of headers)
  test(`parseRetryAfter() of ${header} is ${want}`, () => assert.equal(parseRetryAfter(header, now), want));

const timeouts = { connectTimeoutSeconds: 1, headersTimeoutSeconds: 10, bodyTimeoutSeconds: 30 };
const errors: { code?: string; message?: string; reason: string; isTransient: boolean }[] = [
  { code: 'ECONNREFUSED', reason: 'connection refused', isTransient: true },
  { code: 'ENOTFOUND', reason: 'host not found (ENOTFOUND)', isTransient: true },
  { code: 'UND_ERR_CONNECT_TIMEOUT', reason: 'no connection within 1 s', isTransient: true },
  { code: 'UND_ERR_HEADERS_TIMEOUT', reason: 'no answer within 10 s', isTransient: true },
  { code: 'UND_ERR_BODY_TIMEOUT', reason: 'nothing more came for 30 s', isTransient: true },
  {
    code: 'CERT_HAS_EXPIRED',
    message: 'certificate has expired',
    reason: 'certificate has expired (CERT_HAS_EXPIRED)',
    isTransient: false,
  },
  { code: 'EWHATEVER', message: 'something new', reason: 'something new (EWHATEVER)', isTransient: true },
  { message: 'something new', reason: 'something new', isTransient: true },
];
for (const { code, message, reason, isTransient } of errors)
  test(`problemOf() words ${code ?? 'an error without a code'}`, () => {
    const error = Object.assign(new Error(message ?? 'not shown'), code === undefined ? {} : { code });
    assert.deepEqual(problemOf(error, timeouts), { reason, isTransient });
  });

for (const { status, isTransient } of [
  { status: 403, isTransient: false },
  { status: 429, isTransient: true },
  { status: 500, isTransient: true },
  { status: 503, isTransient: true },
])
  test(`problemOfStatus() ${isTransient ? 'lets' : 'does not let'} HTTP ${status} be tried again`, () =>
    assert.equal(problemOfStatus(status, undefined).isTransient, isTransient));
