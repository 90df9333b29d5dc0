import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Reach } from '../../src/sources/http/reach.ts';
import { redirectTarget } from '../../src/sources/http/redirect.ts';

const followed: readonly { from: string; location: string; want: string; allowed?: readonly Reach[] }[] = [
  { from: 'http://a/x/y', location: 'z', want: 'http://a/x/z' },
  { from: 'http://a/x', location: 'https://b/', want: 'https://b/' },
  { from: 'http://a/x', location: 'http://b/', want: 'http://b/' },
  { from: 'https://a/x', location: '/y', want: 'https://a/y' },
  { from: 'https://a/x', location: '//b/y', want: 'https://b/y' },
  { from: 'http://a/x', location: 'http://192.0.2.1/', want: 'http://192.0.2.1/' },
  { from: 'http://a/x', location: 'http://10.0.0.1/', want: 'http://10.0.0.1/', allowed: ['private'] },
  { from: 'http://a/x', location: 'http://[::1]/', want: 'http://[::1]/', allowed: ['loopback'] },
];
for (const { from, location, want, allowed = [] } of followed)
  test(`redirectTarget() goes from ${from} to ${location}`, () =>
    assert.equal(redirectTarget(from, location, new Set(allowed)), want));

const refused: readonly {
  from: string;
  location: string | undefined;
  reason: string;
  allowed?: readonly Reach[];
}[] = [
  { from: 'https://a/x', location: 'http://a/x', reason: 'redirected to http://a/x, which is not followed' },
  {
    from: 'http://a/x',
    location: 'file:///etc/passwd',
    reason: 'redirected to file:///etc/passwd, which is not followed',
  },
  { from: 'http://a/x', location: 'ftp://a/x', reason: 'redirected to ftp://a/x, which is not followed' },
  { from: 'http://a/x', location: undefined, reason: 'redirected to nowhere' },
  { from: 'http://a/x', location: 'http://', reason: 'redirected to nowhere' },
  ...[
    ['http://127.0.0.1/x', '127.0.0.1', 'loopback'],
    ['http://2130706433/', '127.0.0.1', 'loopback'],
    ['http://0x7f.1/', '127.0.0.1', 'loopback'],
    ['http://0/', '0.0.0.0', 'loopback'],
    ['http://[::1]:80/', '[::1]', 'loopback'],
    ['http://[::]/', '[::]', 'loopback'],
    ['http://[::ffff:127.0.0.1]/', '[::ffff:7f00:1]', 'loopback'],
    ['http://169.254.169.254/latest/meta-data', '169.254.169.254', 'link-local'],
    ['http://[fe80::1]/', '[fe80::1]', 'link-local'],
    ['http://10.1.2.3/', '10.1.2.3', 'private'],
    ['http://172.16.0.1/', '172.16.0.1', 'private'],
    ['http://192.168.1.1/', '192.168.1.1', 'private'],
    ['http://100.64.0.1/', '100.64.0.1', 'private'],
    ['http://[fd00::1]/', '[fd00::1]', 'private'],
  ].map(([location, host, reach]) => ({
    from: 'http://a/x',
    location,
    reason: `redirected to ${host}, which is a ${reach} address, where the source is not`,
  })),
  {
    from: 'http://10.0.0.1/x',
    location: 'http://127.0.0.1/',
    allowed: ['private'],
    reason: 'redirected to 127.0.0.1, which is a loopback address, where the source is not',
  },
];
for (const { from, location, reason, allowed = [] } of refused)
  test(`redirectTarget() does not go from ${from} to ${location}`, () =>
    assert.throws(() => redirectTarget(from, location, new Set(allowed)), {
      message: `Cannot fetch ${from}: ${reason}`,
    }));

const longUrl = (length: number): string => 'http://b/'.padEnd(length, 'x');

test('redirectTarget() does not go to a URL of more than 8192 characters', () => {
  assert.equal(redirectTarget('http://a/x', longUrl(8192), new Set()), longUrl(8192));
  assert.throws(() => redirectTarget('http://a/x', longUrl(8193), new Set()), {
    message: 'Cannot fetch http://a/x: redirected to a URL of more than 8192 characters',
  });
});
