import assert from 'node:assert/strict';
import { test } from 'node:test';
import { families } from '../../src/ip/family.ts';
import { isUnfinished, newSet } from '../../src/firewall/ipset/temporary-sets.ts';
import { isOfPlan, isOurChain, isOurSet } from '../../src/firewall/names.ts';
import { escapeSet, fenceSet } from '../../src/plan/set-names.ts';
import { fenceOf } from '../helpers/fences.ts';
import type { Fence } from '../../src/policy/policy.ts';

/** The longest name a fence may have. */
const fences: readonly Fence[] = (['allow', 'deny'] as const).map((mode) =>
  fenceOf({ name: 'abcdefghij', mode }),
);

test('set names, temporary ones included, fit the 31 bytes of the kernel and are ours', () => {
  const names = families.flatMap((family) => [
    escapeSet(family),
    ...fences.map((fence) => fenceSet(fence, family)),
  ]);
  assert.equal(new Set(names).size, names.length);
  for (const name of [...names, ...names.map(newSet)]) {
    assert.ok(Buffer.byteLength(name) <= 31, name);
    assert.ok(isOurSet(name), name);
    assert.equal(isOfPlan(name), !isUnfinished(name), name);
  }
  assert.ok(names.every((name) => !isUnfinished(name) && isUnfinished(newSet(name))));
});

test('isOurSet() and isOurChain() know near misses', () => {
  for (const name of ['', 'geofence', 'geofencex-main-allow-4', 'GEOFENCE-main', 'my-geofence-main-allow-4'])
    assert.equal(isOurSet(name), false, name);
  for (const name of ['', 'GEOFENCEX', 'geofence', 'geofence-main', 'MY-GEOFENCE', 'PREROUTING'])
    assert.equal(isOurChain(name), false, name);
  assert.ok(isOurChain('GEOFENCE'));
  assert.ok(isOurChain('GEOFENCE-DROP'));
});
