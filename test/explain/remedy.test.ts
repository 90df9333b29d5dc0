import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Remedy, Standing, Statement } from '../../src/explain/remedy.ts';
import { enforceCommand, remedyFor } from '../../src/explain/remedy.ts';
import { selectCountries } from '../../src/zones/select.ts';

const statementOf = (
  selectors: readonly string[],
  { mode = 'allow', ...rest }: Partial<Statement> = {},
): Statement => ({
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

const standingOf = (standing: Partial<Standing>): Standing => ({
  address: '203.0.113.7',
  passes: false,
  isFenced: true,
  country: 'RU',
  isInFence: false,
  escapes: [],
  ...standing,
});

const dropped = standingOf({});
const denied = standingOf({ isInFence: true });
const allowed = standingOf({ passes: true, isInFence: true });
const undenied = standingOf({ passes: true });
const file = '/etc/geofence/geofence.toml';

const cases: { name: string; standing: Standing; statement: Statement; want: string[] }[] = [
  {
    name: 'a country that is not allowed',
    standing: dropped,
    statement: statementOf(['CA,us']),
    want: ['geofence refresh --allow CA,US,RU', 'geofence refresh --allow-subnet 203.0.113.7'],
  },
  {
    name: 'an address without a country',
    standing: standingOf({ country: undefined }),
    statement: statementOf(['CA'], { escapes: ['192.0.2.0/24'] }),
    want: ['geofence refresh --allow-subnet 192.0.2.0/24,203.0.113.7'],
  },
  {
    name: 'a country that a group allows but for it',
    standing: standingOf({ country: 'HU' }),
    statement: statementOf(['@eu !hu']),
    want: ["geofence refresh --allow '@eu HU'", 'geofence refresh --allow-subnet 203.0.113.7'],
  },
  {
    name: 'a country of a group that is taken away as a whole',
    standing: standingOf({ country: 'AU' }),
    statement: statementOf(['@five-eyes !@oceania']),
    want: ['geofence refresh --allow AU,CA,GB,US', 'geofence refresh --allow-subnet 203.0.113.7'],
  },
  {
    name: 'options that have to be typed again',
    standing: dropped,
    statement: statementOf(['CA'], { options: ['--no-local'], isTyped: true }),
    want: [
      'geofence refresh --allow CA,RU --no-local',
      'geofence refresh --allow CA --no-local --allow-subnet 203.0.113.7',
    ],
  },
  {
    name: 'a list that fills a line',
    standing: dropped,
    statement: statementOf(['AT,BE,BG,CY,CZ,DE,DK,EE,ES,FI,FR,GR,HR,HU,IE'], {
      escapes: ['2001:db8:1111:2222::/64'],
    }),
    want: ['add RU to --allow', 'add 203.0.113.7 to --allow-subnet'],
  },
  {
    name: 'a policy in a file',
    standing: dropped,
    statement: statementOf(['CA'], { modeFile: file }),
    want: [
      `add RU to allow in ${file}, then: geofence refresh`,
      `add 203.0.113.7 to allow_subnets in ${file}, then: geofence refresh`,
    ],
  },
  {
    name: 'ALLOWSUBNET in the environment',
    standing: dropped,
    statement: statementOf(['CA'], { escapesIn: 'the environment' }),
    want: [
      'geofence refresh --allow CA,RU',
      'add 203.0.113.7 to ALLOWSUBNET in the environment, then: geofence refresh',
    ],
  },
  {
    name: 'a denied country',
    standing: denied,
    statement: statementOf(['CN', 'RU'], { mode: 'deny' }),
    want: ['geofence refresh --deny CN', 'geofence refresh --allow-subnet 203.0.113.7'],
  },
  {
    name: 'the only denied country',
    standing: denied,
    statement: statementOf(['RU'], { mode: 'deny' }),
    want: [
      'geofence remove (RU is the only country that is denied)',
      'geofence refresh --allow-subnet 203.0.113.7',
    ],
  },
  {
    name: 'one allowed country of several',
    standing: allowed,
    statement: statementOf(['CA', 'RU']),
    want: ['geofence refresh --allow CA'],
  },
  {
    name: 'one allowed country of a group',
    standing: standingOf({ passes: true, isInFence: true, country: 'FR' }),
    statement: statementOf(['@eu', 'CA']),
    want: ["geofence refresh --allow '@eu CA !FR'"],
  },
  {
    name: 'the only allowed country',
    standing: allowed,
    statement: statementOf(['RU']),
    want: ['allow another country in its place: RU is the only one'],
  },
  {
    name: 'an allowed country in a file',
    standing: allowed,
    statement: statementOf(['CA', 'RU'], { modeFile: file }),
    want: [`take RU out of allow in ${file}, then: geofence refresh`],
  },
  {
    name: 'an allowed address that is an escape too: both',
    standing: standingOf({ passes: true, isInFence: true, escapes: ['203.0.113.0/24'] }),
    statement: statementOf(['CA', 'RU'], { escapes: ['203.0.113.0/24'] }),
    want: ['geofence refresh --allow CA', 'take 203.0.113.0/24 out of ALLOWSUBNET'],
  },
  {
    name: 'an escape alone',
    standing: standingOf({ passes: true, escapes: ['203.0.113.0/24', 'local'] }),
    statement: statementOf(['CA']),
    want: [
      'take 203.0.113.0/24 out of ALLOWSUBNET',
      'fence local addresses too (--no-local, or local = false)',
    ],
  },
  {
    name: 'an escape among the denied',
    standing: standingOf({ passes: true, isInFence: true, escapes: ['203.0.113.7'] }),
    statement: statementOf(['RU'], { mode: 'deny' }),
    want: ['take 203.0.113.7 out of ALLOWSUBNET'],
  },
  {
    name: 'a country that is not denied',
    standing: undenied,
    statement: statementOf(['CN'], { mode: 'deny' }),
    want: ['geofence refresh --deny CN,RU'],
  },
  {
    name: 'no country to deny',
    standing: standingOf({ passes: true, country: undefined }),
    statement: statementOf(['CN'], { mode: 'deny' }),
    want: ['no country to deny: it is in no cached zone'],
  },
  {
    name: 'a family that is left open',
    standing: standingOf({ passes: true, isFenced: false }),
    statement: statementOf(['CA']),
    want: ['fence its family too: it is left open (--ipv4-only, or ipv6 = false)'],
  },
];

for (const { name, standing, statement, want } of cases) {
  test(`remedyFor() finds what to do about ${name}`, () => {
    const remedy: Remedy = { verb: standing.passes ? 'keep out' : 'let in', ways: want };
    assert.deepEqual(remedyFor(standing, statement), remedy);
  });
}

test('enforceCommand() repeats what was typed, and restores what is remembered', () => {
  assert.equal(enforceCommand(statementOf(['CA'], { isTyped: true })), 'geofence refresh --allow CA');
  assert.equal(enforceCommand(statementOf(['CA'])), 'geofence restore');
});
