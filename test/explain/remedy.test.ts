import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AddressFacts, PolicySource } from '../../src/explain/remedy.ts';
import { remedyFor } from '../../src/explain/remedy.ts';
import type { Remedy } from '../../src/report/check.ts';

const nowhere: PolicySource['origins'] = {
  allow: undefined,
  deny: undefined,
  allow_subnets: undefined,
  local: undefined,
  ipv6: undefined,
};

const policySourceOf = (
  countries: readonly string[],
  {
    mode = 'allow',
    origins,
  }: { mode?: PolicySource['mode']; origins?: Partial<PolicySource['origins']> } = {},
): PolicySource => ({ mode, countries, origins: { ...nowhere, [mode]: 'the last refresh', ...origins } });

const factsOf = (facts: Partial<AddressFacts>): AddressFacts => ({
  address: '203.0.113.7',
  passes: false,
  isFenced: true,
  country: 'RU',
  isInFence: false,
  escapes: [],
  ...facts,
});

const dropped = factsOf({});
const denied = factsOf({ isInFence: true });
const allowed = factsOf({ passes: true, isInFence: true });
const undenied = factsOf({ passes: true });
const file = '/etc/geofence/geofence.toml';

const cases: { name: string; facts: AddressFacts; source: PolicySource; want: string[] }[] = [
  {
    name: 'a country that is not allowed',
    facts: dropped,
    source: policySourceOf(['CA', 'US']),
    want: ['add RU to allow (from the last refresh)', 'add 203.0.113.7 to allow_subnets'],
  },
  {
    name: 'an address without a country',
    facts: factsOf({ country: undefined }),
    source: policySourceOf(['CA'], { origins: { allow_subnets: 'the last refresh' } }),
    want: ['add 203.0.113.7 to allow_subnets (from the last refresh)'],
  },
  {
    name: 'a policy that is typed',
    facts: dropped,
    source: policySourceOf(['CA'], { origins: { allow: 'the command line' } }),
    want: ['add RU to allow (from the command line)', 'add 203.0.113.7 to allow_subnets'],
  },
  {
    name: 'a policy in a file, and ALLOWSUBNET in the environment',
    facts: dropped,
    source: policySourceOf(['CA'], { origins: { allow: file, allow_subnets: 'the environment' } }),
    want: [`add RU to allow (from ${file})`, 'add 203.0.113.7 to allow_subnets (from the environment)'],
  },
  {
    name: 'a denied country',
    facts: denied,
    source: policySourceOf(['CN', 'RU'], { mode: 'deny' }),
    want: ['take RU out of deny (from the last refresh)', 'add 203.0.113.7 to allow_subnets'],
  },
  {
    name: 'the only denied country',
    facts: denied,
    source: policySourceOf(['RU'], { mode: 'deny' }),
    want: ['geofence remove (RU is the only country that is denied)', 'add 203.0.113.7 to allow_subnets'],
  },
  {
    name: 'one allowed country of several',
    facts: allowed,
    source: policySourceOf(['CA', 'RU'], { origins: { allow: file } }),
    want: [`take RU out of allow (from ${file})`],
  },
  {
    name: 'the only allowed country',
    facts: allowed,
    source: policySourceOf(['RU']),
    want: ['allow another country in its place: RU is the only one'],
  },
  {
    name: 'an allowed address that is an escape too: both',
    facts: factsOf({ passes: true, isInFence: true, escapes: ['203.0.113.0/24'] }),
    source: policySourceOf(['CA', 'RU'], {
      origins: { allow_subnets: `${file} and /etc/geofence/escapes.toml` },
    }),
    want: [
      'take RU out of allow (from the last refresh)',
      `take 203.0.113.0/24 out of allow_subnets (from ${file} and /etc/geofence/escapes.toml)`,
    ],
  },
  {
    name: 'an escape alone',
    facts: factsOf({ passes: true, escapes: ['203.0.113.0/24', 'local'] }),
    source: policySourceOf(['CA'], { origins: { allow_subnets: 'the environment' } }),
    want: [
      'take 203.0.113.0/24 out of allow_subnets (from the environment)',
      'fence local addresses too: local = false',
    ],
  },
  {
    name: 'an escape among the denied',
    facts: factsOf({ passes: true, isInFence: true, escapes: ['203.0.113.7'] }),
    source: policySourceOf(['RU'], { mode: 'deny' }),
    want: ['take 203.0.113.7 out of allow_subnets'],
  },
  {
    name: 'a country that is not denied',
    facts: undenied,
    source: policySourceOf(['CN'], { mode: 'deny' }),
    want: ['add RU to deny (from the last refresh)'],
  },
  {
    name: 'no country to deny',
    facts: factsOf({ passes: true, country: undefined }),
    source: policySourceOf(['CN'], { mode: 'deny' }),
    want: ['no country to deny: it is in no cached zone'],
  },
  {
    name: 'a family that is left open',
    facts: factsOf({ passes: true, isFenced: false }),
    source: policySourceOf(['CA'], { origins: { ipv6: file } }),
    want: [`fence its family too: ipv6 = true (from ${file})`],
  },
];

for (const { name, facts, source, want } of cases) {
  test(`remedyFor() finds what to do about ${name}`, () => {
    const remedy: Remedy = { verb: facts.passes ? 'keep out' : 'let in', ways: want };
    assert.deepEqual(remedyFor(facts, source), remedy);
  });
}
