import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ipv6 } from '../../src/ip/family.ts';
import type { PolicyFacts } from '../../src/policy/describe.ts';
import { describePolicy } from '../../src/policy/describe.ts';
import { policyOf } from '../helpers/states.ts';

const bare: PolicyFacts = { policy: policyOf(), escapes: [], local: false, open: [], absent: [] };

const cases: readonly [facts: Partial<PolicyFacts>, want: string][] = [
  [{}, 'allow only CA (Canada)'],
  [{ local: true }, 'allow only CA (Canada); local addresses always get in'],
  [{ escapes: ['192.0.2.1/32'] }, 'allow only CA (Canada); 192.0.2.1/32 always gets in'],
  [
    { local: true, escapes: ['192.0.2.1/32'] },
    'allow only CA (Canada); local addresses and 192.0.2.1/32 always get in',
  ],
  [{ escapes: ['192.0.2.1/32', '192.0.2.2/32'] }, 'allow only CA (Canada); 2 escapes always get in'],
  [
    { policy: policyOf({ escapes: ['0.0.0.0/0'] }), escapes: ['0.0.0.0/0'] },
    'allow only CA (Canada), but everybody gets in over IPv4: escapes hold all of it; 0.0.0.0/0 always gets in',
  ],
  [
    { policy: policyOf({ escapes: ['0.0.0.0/1', '128.0.0.0/1', '::/0'] }) },
    'allow only CA (Canada), but everybody gets in over IPv4 and IPv6: escapes hold all of it',
  ],
  [
    { policy: policyOf({ mode: 'deny', escapes: ['::/0'] }) },
    'deny CA (Canada), but everybody gets in over IPv6: escapes hold all of it',
  ],
  [
    { policy: policyOf({ escapes: ['::/0'], ipv6: false }), open: [ipv6] },
    'allow only CA (Canada); IPv6 is left open',
  ],
  [{ policy: policyOf({ escapes: ['0.0.0.0/1'] }) }, 'allow only CA (Canada)'],
  [{ open: [ipv6] }, 'allow only CA (Canada); IPv6 is left open'],
  [{ absent: [ipv6] }, 'allow only CA (Canada); the kernel has no IPv6'],
  [
    { policy: policyOf({ mode: 'deny', countries: ['CN', 'RU'] }), local: true, open: [ipv6] },
    'deny CN, RU; local addresses always get in; IPv6 is left open',
  ],
];

for (const [facts, want] of cases) {
  test(`describePolicy(): ${want}`, () => {
    assert.equal(describePolicy({ ...bare, ...facts }), want);
  });
}
