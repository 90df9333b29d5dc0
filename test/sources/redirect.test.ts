import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redirectTarget } from '../../src/sources/http/redirect.ts';

const followed = [
  { from: 'http://a/x/y', location: 'z', want: 'http://a/x/z' },
  { from: 'http://a/x', location: 'https://b/', want: 'https://b/' },
  { from: 'http://a/x', location: 'http://b/', want: 'http://b/' },
  { from: 'https://a/x', location: '/y', want: 'https://a/y' },
  { from: 'https://a/x', location: '//b/y', want: 'https://b/y' },
];
for (const { from, location, want } of followed)
  test(`redirectTarget() goes from ${from} to ${location}`, () =>
    assert.equal(redirectTarget(from, location), want));

const refused = [
  { from: 'https://a/x', location: 'http://a/x', reason: 'redirected to http://a/x, which is not followed' },
  {
    from: 'http://a/x',
    location: 'file:///etc/passwd',
    reason: 'redirected to file:///etc/passwd, which is not followed',
  },
  { from: 'http://a/x', location: 'ftp://a/x', reason: 'redirected to ftp://a/x, which is not followed' },
  { from: 'http://a/x', location: undefined, reason: 'redirected to nowhere' },
  { from: 'http://a/x', location: 'http://', reason: 'redirected to nowhere' },
];
for (const { from, location, reason } of refused)
  test(`redirectTarget() does not go from ${from} to ${location}`, () =>
    assert.throws(() => redirectTarget(from, location), { message: `Cannot fetch ${from}: ${reason}` }));
