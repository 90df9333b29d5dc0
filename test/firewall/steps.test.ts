import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Steps } from '../../src/firewall/ipset/steps.ts';
import { stepsOf } from '../../src/firewall/ipset/steps.ts';
import { diff } from '../../src/plan/diff.ts';
import { noFence } from '../../src/firewall/rulesets.ts';
import type { DesiredState, SetSpec, SetState, State } from '../../src/firewall/model.ts';
import { ipv4 } from '../../src/ip/family.ts';
import { fenceState, onHooks } from '../helpers/states.ts';

const options = { networks: ['192.0.2.0/24'], escapes: ['198.51.100.7'], ipv6: false };
const fence = fenceState(options);

/** A step in short: the commands of its lines, additions apart. */
const shorten = ({ prepare, commit, tidy }: Steps): string[] =>
  [prepare, commit, tidy].flatMap((steps) => [
    ...steps.map((step) =>
      step.tool === 'iptables'
        ? step.family.label
        : step.tool === 'copy'
          ? `copy ${step.from} to ${step.to}`.replaceAll('geofence-', '')
          : String(step.input)
              .trimEnd()
              .split('\n')
              .filter((line) => !line.startsWith('add '))
              .map((line) => line.split(' ').slice(0, 2).join(' ').replaceAll('geofence-', ''))
              .join(', '),
    ),
    '--',
  ]);

const unfinished = (state: DesiredState, name: string): State => ({
  ...state,
  sets: new Map<string, SetState>(state.sets).set(`${name}.new`, {
    ...state.sets.get(name)!,
    name: `${name}.new`,
    isUnfinished: true,
  }),
});

const banned: SetSpec = {
  name: 'geofence-ban-4',
  owner: 'runtime',
  shape: { kind: 'addresses', family: ipv4, hasTimeouts: true, maxEntries: 1000, extras: '' },
};
const withSet = (state: DesiredState, set: SetSpec): DesiredState => ({
  ...state,
  sets: new Map(state.sets).set(set.name, set),
});
const larger: SetSpec = { ...banned, shape: { ...banned.shape, maxEntries: 2000 } };

const cases: { name: string; from: State; to: DesiredState; want: string[] }[] = [
  { name: 'does nothing for no changes', from: fence, to: fence, want: ['--', '--', '--'] },
  {
    name: 'names new sets before rules look at them',
    from: noFence,
    to: fence,
    want: [
      'create main-allow-4.new, create established-4.new, create grace-4.new',
      '--',
      'rename main-allow-4.new, rename established-4.new, rename grace-4.new',
      'IPv4',
      '--',
      '--',
    ],
  },
  {
    name: 'swaps without touching rules',
    from: fence,
    to: fenceState({ ...options, networks: ['192.0.2.0/25'] }),
    want: ['create main-allow-4.new', '--', 'swap main-allow-4.new', '--', 'destroy main-allow-4.new', '--'],
  },
  {
    name: 'exchanges a set once where the rules say the same in another order and with another comment',
    from: onHooks(fence, (match) => match.toReversed()),
    to: fenceState({ ...options, countries: ['US'], networks: ['192.0.2.0/25'] }),
    want: [
      'create main-allow-4.new',
      '--',
      'swap main-allow-4.new',
      'IPv4',
      '--',
      'destroy main-allow-4.new',
      '--',
    ],
  },
  {
    name: 'changes rules between the sets of one mode and the other',
    from: fence,
    to: fenceState({ ...options, mode: 'deny' }),
    want: [
      'create main-deny-4.new',
      '--',
      'rename main-deny-4.new',
      'IPv4',
      '--',
      'destroy main-allow-4',
      '--',
    ],
  },
  {
    name: 'takes the early drop away before a change of rules, and brings it back after it',
    from: fenceState({ ...options, dropsEarly: true }),
    to: fenceState({ ...options, mode: 'deny', dropsEarly: true }),
    want: [
      'create main-deny-4.new',
      '--',
      'IPv4',
      'rename main-deny-4.new',
      'IPv4',
      '--',
      'destroy main-allow-4',
      '--',
    ],
  },
  {
    name: 'destroys sets after the rules that look at them',
    from: fence,
    to: noFence,
    want: ['--', 'IPv4', '--', 'destroy main-allow-4, destroy established-4, destroy grace-4', '--'],
  },
  {
    name: 'clears away what is in the way first',
    from: unfinished(fence, 'geofence-main-allow-4'),
    to: fenceState({ ...options, escapes: ['198.51.100.8'] }),
    want: [
      'destroy main-allow-4.new, create main-allow-4.new',
      '--',
      'swap main-allow-4.new',
      '--',
      'destroy main-allow-4.new',
      '--',
    ],
  },
  {
    name: 'keeps the entries of a set that others fill, also those that come meanwhile',
    from: withSet(fence, banned),
    to: withSet(fence, larger),
    want: [
      'create ban-4.new',
      '--',
      'copy ban-4 to ban-4.new',
      'swap ban-4.new',
      'copy ban-4.new to ban-4',
      '--',
      'destroy ban-4.new',
      '--',
    ],
  },
];

for (const { name, from, to, want } of cases) {
  test(`stepsOf() ${name}`, () => assert.deepEqual(shorten(stepsOf(diff(to, from))), want));
}
