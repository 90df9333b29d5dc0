import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { verdict } from '../../src/explain/verdict.ts';
import { contains, union } from '../../src/ip/bounds.ts';
import { families, ipv4 } from '../../src/ip/family.ts';
import { desiredState } from '../../src/plan/desired.ts';
import type { Fence, Policy } from '../../src/policy/policy.ts';
import { anyArrival, passes } from '../helpers/any-fences.ts';
import { addressOf, anyPolicy, boundsOf, networks, packetOf } from '../helpers/any-policies.ts';
import { fenceOf } from '../helpers/fences.ts';
import { policyOf } from '../helpers/states.ts';

test('what a policy of several fences says is what its rules do', () => {
  fc.assert(
    fc.property(anyPolicy, anyArrival, fc.constantFrom(...families), (policy, arrival, family) => {
      const state = desiredState(policy, boundsOf);
      for (const n of [1, 2, 3, 4, 5, 6]) {
        const source = addressOf(family, n);
        const escapes = policy.escapes.get(family)!;
        const isInside = (fence: Fence): boolean => {
          const spared = union(escapes, fence.spared.get(family) ?? networks(family, []));
          const isOfCountry = contains(boundsOf(fence, family), source);
          return fence.mode === 'allow'
            ? isOfCountry || contains(spared, source)
            : isOfCountry && !contains(spared, source);
        };
        assert.equal(
          verdict(state, packetOf(arrival, family, n)).passes,
          passes(policy.fences, isInside, arrival),
          `address ${n}`,
        );
      }
    }),
    { numRuns: 2000 },
  );
});

const tcp = (port: number) => ({
  interfaces: [],
  ports: [{ protocol: 'tcp' as const, ranges: [{ from: port, to: port }] }],
});

test('the sentence "SSH only from CA, the web for everybody, RU nowhere"', () => {
  const policy: Policy = {
    ...policyOf({}),
    fences: [
      fenceOf({ name: 'ssh', countries: ['C1'], scope: tcp(22) }),
      fenceOf({ name: 'web', countries: 'everyone', scope: tcp(80) }),
      fenceOf({ name: 'ru', mode: 'deny', countries: ['C2'] }),
    ],
  };
  const state = desiredState(policy, boundsOf);
  const getsIn = (n: number, port: number): boolean =>
    verdict(state, packetOf({ interface: 'eth0', protocol: 'tcp', port }, ipv4, n)).passes;
  assert.deepEqual(
    [22, 80, 443].map((port) => getsIn(1, port)),
    [true, true, true],
  );
  assert.deepEqual(
    [22, 80, 443].map((port) => getsIn(2, port)),
    [false, false, false],
  );
  assert.deepEqual(
    [22, 80, 443].map((port) => getsIn(3, port)),
    [false, true, true],
  );
});
