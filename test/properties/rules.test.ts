import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { DesiredState, Rule } from '../../src/firewall/model.ts';
import { noFence } from '../../src/firewall/rulesets.ts';
import type { Family } from '../../src/ip/family.ts';
import { families } from '../../src/ip/family.ts';
import { diff } from '../../src/plan/diff.ts';
import { anyRule, plainRule } from '../helpers/any-rule.ts';
import { ruleOf, textOf } from '../helpers/rules.ts';

for (const family of families)
  test(`any rule of ${family.label} is the same after renderRule() and parseRule()`, () => {
    fc.assert(
      fc.property(anyRule(family), (rule) => {
        const text = textOf(rule, family);
        assert.deepEqual(plainRule(ruleOf(text, family)), plainRule(rule), text);
      }),
    );
  });

for (const family of families)
  test(`rules of ${family.label} with different texts are different to diff()`, () => {
    fc.assert(
      fc.property(anyRule(family), anyRule(family), (one, other) => {
        const isSame = textOf(one, family) === textOf(other, family);
        assert.equal(diff(stateWith(family, one), stateWith(family, other)).length === 0, isSame);
      }),
    );
  });

const stateWith = (family: Family, rule: Rule): DesiredState => ({
  ...noFence,
  rulesets: [{ stage: 'main', family, hooks: [], chains: new Map([['GEOFENCE', [rule]]]) }],
});
