import { test } from 'node:test';
import { formatScripts } from '../../src/firewall/scripts.ts';
import { diff } from '../../src/plan/diff.ts';
import type { State } from '../../src/firewall/model.ts';
import { backendOn } from '../helpers/backends.ts';
import { noFence } from '../../src/firewall/rulesets.ts';
import { assertGolden } from '../helpers/golden.ts';
import type { FenceOptions } from '../helpers/states.ts';
import { fenceState } from '../helpers/states.ts';

const options: FenceOptions = {
  networks: ['192.0.2.0/25', '192.0.2.128/25', '198.51.100.0/24', '2001:db8::/32'],
  escapes: ['203.0.113.7', '2001:db8:ffff::/48'],
};
const fence = fenceState(options);
const early = fenceState({ ...options, dropsEarly: true });
const leftover: State = {
  ...fence,
  sets: new Map(fence.sets).set('geofence-main-allow-4.new', {
    ...fence.sets.get('geofence-main-allow-4')!,
    name: 'geofence-main-allow-4.new',
    isUnfinished: true,
  }),
};

const backend = backendOn(
  async () => await Promise.reject(new Error('rendering runs nothing')),
  async () => {},
  'auto',
);

/** Every text that the kernel's tools get: reviewed like code. */
for (const { name, from, to } of [
  { name: 'first-apply-allow', from: noFence, to: fence },
  {
    name: 'first-apply-deny',
    from: noFence,
    to: fenceState({ ...options, mode: 'deny', countries: ['CN', 'RU'] }),
  },
  { name: 'first-apply-ipv4-only', from: noFence, to: fenceState({ ...options, ipv6: false }) },
  { name: 'first-apply-log-drops', from: noFence, to: fenceState({ ...options, logDrops: true }) },
  { name: 'first-apply-local', from: noFence, to: fenceState({ ...options, local: true }) },
  {
    name: 'update',
    from: fence,
    to: fenceState({ ...options, networks: ['192.0.2.0/24', '2001:db9::/32'] }),
  },
  {
    name: 'update-after-a-kill',
    from: leftover,
    to: fenceState({ ...options, networks: ['192.0.2.0/24', '2001:db9::/32'] }),
  },
  { name: 'update-escapes', from: fence, to: fenceState({ ...options, escapes: ['0.0.0.0/0'] }) },
  {
    name: 'other-country-and-escapes',
    from: fence,
    to: fenceState({ networks: ['192.0.2.0/24'], countries: ['DE'], escapes: ['198.51.100.9'] }),
  },
  { name: 'switch-to-deny', from: fence, to: fenceState({ ...options, mode: 'deny' }) },
  { name: 'leave-ipv6-open', from: fence, to: fenceState({ ...options, ipv6: false }) },
  { name: 'remove', from: fence, to: noFence },
  { name: 'first-apply-early', from: noFence, to: early },
  {
    name: 'switch-to-deny-early',
    from: early,
    to: fenceState({ ...options, mode: 'deny', dropsEarly: true, logDrops: true }),
  },
  { name: 'remove-early', from: early, to: noFence },
]) {
  test(`render() writes ${name}`, () => {
    const scripts = backend.render(diff(to, from), from);
    assertGolden(String(formatScripts(scripts)), `${name}.restore`);
  });
}
