import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { verdict } from '../../src/explain/verdict.ts';
import type { PortRange } from '../../src/firewall/model.ts';
import { families } from '../../src/ip/family.ts';
import { desiredState } from '../../src/plan/desired.ts';
import { diff } from '../../src/plan/diff.ts';
import type { Arrival } from '../../src/policy/scope.ts';
import { everything } from '../../src/policy/scope.ts';
import { passes } from '../helpers/any-fences.ts';
import { boundsOf, packetOf } from '../helpers/any-policies.ts';
import { backendOn } from '../helpers/backends.ts';
import { fenceOf } from '../helpers/fences.ts';
import { kernelKinds } from '../helpers/kernels.ts';
import { policyOf } from '../helpers/states.ts';
import { place } from './bring-about.ts';

const single = (port: number): PortRange => ({ from: port, to: port });
/** Twenty ports that do not touch: two rules of 15 places at least. */
const singles = Array.from({ length: 20 }, (_, i) => single(100 + 10 * i));
/** Five ranges, one to the last port; with the ports 30 places. */
const ranges = [
  { from: 1, to: 22 },
  { from: 1000, to: 1999 },
  { from: 5000, to: 5001 },
  { from: 30_000, to: 40_000 },
  { from: 65_000, to: 65_535 },
];
const many = [...singles, ...ranges].sort((a, b) => a.from - b.from);
const edges = many.flatMap(({ from, to }) => [from - 1, from, to, to + 1]).filter((port) => port <= 65_535);

/** Country 1 at many TCP ports, country 2 at the same of UDP and at single ones of TCP; 3 nowhere, on every port. */
const fences = [
  fenceOf({
    name: 'one',
    countries: ['C1'],
    scope: { ...everything, ports: [{ protocol: 'tcp', ranges: many }] },
  }),
  fenceOf({
    name: 'two',
    countries: ['C2'],
    scope: {
      ...everything,
      ports: [
        { protocol: 'udp', ranges: many },
        { protocol: 'tcp', ranges: [single(443), single(8443)] },
      ],
    },
  }),
  fenceOf({ name: 'three', mode: 'deny', countries: ['C3'] }),
];

for (const kind of kernelKinds) {
  describe(`twenty ports and five ranges on ${kind.name}`, { skip: kind.skip }, () => {
    for (const dropsEarly of [false, true]) {
      test(`are read back as they were wanted, ${dropsEarly ? 'also early' : 'in the main rules'}`, async (t) => {
        const kernel = await kind.create(t);
        const desired = desiredState({ ...policyOf({ dropsEarly }), fences }, boundsOf);
        await place(kernel, kind.variant, desired);
        const actual = await backendOn(kernel.run, sleep, kind.variant).read('content');
        assert.deepEqual(diff(desired, actual), []);
        let count = 0;
        for (const family of families) {
          for (const protocol of ['tcp', 'udp'] as const) {
            for (const port of [...edges, 443, 8443, 22_222]) {
              for (const n of [1, 2, 3, 4]) {
                const arrival: Arrival = { interface: 'eth0', protocol, port };
                const wanted = passes(fences, ({ countries }) => countries.includes(`C${n}`), arrival);
                const found = verdict(actual, packetOf(arrival, family, n)).passes;
                assert.equal(found, wanted, `${family.label}, ${protocol}/${port}, from ${n}`);
                count++;
              }
            }
          }
        }
        t.diagnostic(`${count} packets`);
      });
    }
  });
}
