import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Remedy, AddressFacts, PolicySource } from '../../src/explain/remedy.ts';
import { enforceCommand, remedyFor } from '../../src/explain/remedy.ts';
import { selectCountries } from '../../src/zones/select.ts';

const policySourceOf = (
  selectors: readonly string[],
  { mode = 'allow', ...rest }: Partial<PolicySource> = {},
): PolicySource => ({
  mode,
  selectors,
  countries: selectCountries(selectors, 'the test'),
  escapes: [],
  modeFile: undefined,
  escapesIn: undefined,
  options: [],
  isTyped: false,
  ...rest,
});

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
    source: policySourceOf(['CA,us']),
    want: ['geofence refresh --allow CA,US,RU', 'geofence refresh --allow-subnet 203.0.113.7'],
  },
  {
    name: 'an address without a country',
    facts: factsOf({ country: undefined }),
    source: policySourceOf(['CA'], { escapes: ['192.0.2.0/24'] }),
    want: ['geofence refresh --allow-subnet 192.0.2.0/24,203.0.113.7'],
  },
  {
    name: 'a country that a group allows but for it',
    facts: factsOf({ country: 'HU' }),
    source: policySourceOf(['@eu !hu']),
    want: ["geofence refresh --allow '@eu HU'", 'geofence refresh --allow-subnet 203.0.113.7'],
  },
  {
    name: 'a country of a group that is taken away as a whole',
    facts: factsOf({ country: 'AU' }),
    source: policySourceOf(['@five-eyes !@oceania']),
    want: ['geofence refresh --allow AU,CA,GB,US', 'geofence refresh --allow-subnet 203.0.113.7'],
  },
  {
    name: 'options that have to be typed again',
    facts: dropped,
    source: policySourceOf(['CA'], { options: ['--no-local'], isTyped: true }),
    want: [
      'geofence refresh --allow CA,RU --no-local',
      'geofence refresh --allow CA --no-local --allow-subnet 203.0.113.7',
    ],
  },
  {
    name: 'a list that fills a line',
    facts: dropped,
    source: policySourceOf(['AT,BE,BG,CY,CZ,DE,DK,EE,ES,FI,FR,GR,HR,HU,IE'], {
      escapes: ['2001:db8:1111:2222::/64'],
    }),
    want: ['add RU to --allow', 'add 203.0.113.7 to --allow-subnet'],
  },
  {
    name: 'a policy in a file',
    facts: dropped,
    source: policySourceOf(['CA'], { modeFile: file }),
    want: [
      `add RU to allow in ${file}, then: geofence refresh`,
      `add 203.0.113.7 to allow_subnets in ${file}, then: geofence refresh`,
    ],
  },
  {
    name: 'ALLOWSUBNET in the environment',
    facts: dropped,
    source: policySourceOf(['CA'], { escapesIn: 'the environment' }),
    want: [
      'geofence refresh --allow CA,RU',
      'add 203.0.113.7 to ALLOWSUBNET in the environment, then: geofence refresh',
    ],
  },
  {
    name: 'a denied country',
    facts: denied,
    source: policySourceOf(['CN', 'RU'], { mode: 'deny' }),
    want: ['geofence refresh --deny CN', 'geofence refresh --allow-subnet 203.0.113.7'],
  },
  {
    name: 'the only denied country',
    facts: denied,
    source: policySourceOf(['RU'], { mode: 'deny' }),
    want: [
      'geofence remove (RU is the only country that is denied)',
      'geofence refresh --allow-subnet 203.0.113.7',
    ],
  },
  {
    name: 'one allowed country of several',
    facts: allowed,
    source: policySourceOf(['CA', 'RU']),
    want: ['geofence refresh --allow CA'],
  },
  {
    name: 'one allowed country of a group',
    facts: factsOf({ passes: true, isInFence: true, country: 'FR' }),
    source: policySourceOf(['@eu', 'CA']),
    want: ["geofence refresh --allow '@eu CA !FR'"],
  },
  {
    name: 'the only allowed country',
    facts: allowed,
    source: policySourceOf(['RU']),
    want: ['allow another country in its place: RU is the only one'],
  },
  {
    name: 'an allowed country in a file',
    facts: allowed,
    source: policySourceOf(['CA', 'RU'], { modeFile: file }),
    want: [`take RU out of allow in ${file}, then: geofence refresh`],
  },
  {
    name: 'an allowed address that is an escape too: both',
    facts: factsOf({ passes: true, isInFence: true, escapes: ['203.0.113.0/24'] }),
    source: policySourceOf(['CA', 'RU'], { escapes: ['203.0.113.0/24'] }),
    want: ['geofence refresh --allow CA', 'take 203.0.113.0/24 out of ALLOWSUBNET'],
  },
  {
    name: 'an escape alone',
    facts: factsOf({ passes: true, escapes: ['203.0.113.0/24', 'local'] }),
    source: policySourceOf(['CA']),
    want: [
      'take 203.0.113.0/24 out of ALLOWSUBNET',
      'fence local addresses too (--no-local, or local = false)',
    ],
  },
  {
    name: 'an escape among the denied',
    facts: factsOf({ passes: true, isInFence: true, escapes: ['203.0.113.7'] }),
    source: policySourceOf(['RU'], { mode: 'deny' }),
    want: ['take 203.0.113.7 out of ALLOWSUBNET'],
  },
  {
    name: 'a country that is not denied',
    facts: undenied,
    source: policySourceOf(['CN'], { mode: 'deny' }),
    want: ['geofence refresh --deny CN,RU'],
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
    source: policySourceOf(['CA']),
    want: ['fence its family too: it is left open (--ipv4-only, or ipv6 = false)'],
  },
];

for (const { name, facts, source, want } of cases) {
  test(`remedyFor() finds what to do about ${name}`, () => {
    const remedy: Remedy = { verb: facts.passes ? 'keep out' : 'let in', ways: want };
    assert.deepEqual(remedyFor(facts, source), remedy);
  });
}

test('enforceCommand() repeats what was typed, and restores what is remembered', () => {
  assert.equal(enforceCommand(policySourceOf(['CA'], { isTyped: true })), 'geofence refresh --allow CA');
  assert.equal(enforceCommand(policySourceOf(['CA'])), 'geofence restore');
});
