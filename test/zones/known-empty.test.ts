import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ipv4, ipv6 } from '../../src/ip/family.ts';
import { isKnownEmpty } from '../../src/zones/known-empty.ts';

const cases = [
  { country: 'BV', want: [true, true] },
  { country: 'CF', want: [false, true] },
  { country: 'CA', want: [false, false] },
];
for (const { country, want } of cases)
  test(`isKnownEmpty() is ${want.join(' and ')} for ${country}, IPv4 and IPv6`, () => {
    assert.deepEqual(
      [ipv4, ipv6].map((family) => isKnownEmpty({ country, family })),
      want,
    );
  });
