import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rulesScript } from '../../src/firewall/ipset/rules-script.ts';
import { ipv4 } from '../../src/ip/family.ts';
import type { Hook, Ruleset } from '../../src/firewall/model.ts';
import { hookOf, ruleOf } from '../helpers/rules.ts';

const jump = hookOf('-j GEOFENCE');

const ruleset = (chains: Record<string, string[]>, hooks: Hook[] = [jump]): Ruleset => ({
  stage: 'main',
  family: ipv4,
  chains: new Map(Object.entries(chains).map(([name, rules]) => [name, rules.map((text) => ruleOf(text))])),
  hooks,
});

const none = ruleset({}, []);
const wanted = ruleset({ GEOFENCE: ['-g GEOFENCE-DROP'], 'GEOFENCE-DROP': ['-j DROP'] });

const declared = [':GEOFENCE - [0:0]', ':GEOFENCE-DROP - [0:0]'];
const filled = ['-A GEOFENCE -g GEOFENCE-DROP', '-A GEOFENCE-DROP -j DROP'];

const cases: { name: string; rules: Ruleset; before: Ruleset; want: string[] }[] = [
  {
    name: 'jumps last when there was nothing',
    rules: wanted,
    before: none,
    want: [...declared, ...filled, '-I PREROUTING 1 -j GEOFENCE'],
  },
  {
    name: 'leaves a jump that is in its place',
    rules: wanted,
    before: ruleset({ GEOFENCE: ['-j RETURN'], 'GEOFENCE-DROP': ['-j DROP'] }),
    want: [...declared, ...filled],
  },
  {
    name: 'sets a misplaced jump anew',
    rules: wanted,
    before: ruleset({}, [{ ...jump, position: 3 }]),
    want: [...declared, '-D PREROUTING -j GEOFENCE', ...filled, '-I PREROUTING 1 -j GEOFENCE'],
  },
  {
    name: 'takes every jump away and sets one',
    rules: wanted,
    before: ruleset({}, [jump, { ...jump, position: 2 }, hookOf('-i eth0 -g GEOFENCE-main', 1, 'INPUT')]),
    want: [
      ...declared,
      '-D PREROUTING -j GEOFENCE',
      '-D PREROUTING -j GEOFENCE',
      '-D INPUT -i eth0 -g GEOFENCE-main',
      ...filled,
      '-I PREROUTING 1 -j GEOFENCE',
    ],
  },
  {
    name: 'deletes a chain that is not wanted any more, after it was emptied',
    rules: wanted,
    before: ruleset({ GEOFENCE: [], 'GEOFENCE-DROP': [], 'GEOFENCE-old': ['-j GEOFENCE'] }),
    want: [
      ':GEOFENCE - [0:0]',
      ':GEOFENCE-DROP - [0:0]',
      ':GEOFENCE-old - [0:0]',
      ...filled,
      '-X GEOFENCE-old',
    ],
  },
  {
    name: 'takes everything away, the jump first',
    rules: none,
    before: wanted,
    want: [...declared, '-D PREROUTING -j GEOFENCE', '-X GEOFENCE', '-X GEOFENCE-DROP'],
  },
];

for (const { name, rules, before, want } of cases) {
  test(`rulesScript() ${name}`, () => {
    assert.equal(rulesScript(rules, before), ['*mangle', ...want, 'COMMIT', ''].join('\n'));
  });
}
