import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Steps } from '../../src/firewall/ipset/steps.ts';
import { stepsOf } from '../../src/firewall/ipset/steps.ts';
import { diff } from '../../src/plan/diff.ts';
import { noFence } from '../../src/firewall/rulesets.ts';
import type { DesiredState } from '../../src/firewall/model.ts';
import { fenceState } from '../helpers/states.ts';

const options = { networks: ['192.0.2.0/24'], escapes: ['198.51.100.7'], ipv6: false };
const fence = fenceState(options);

/** A step in short: the commands of its lines, additions apart. */
const shorten = ({ prepare, commit, tidy }: Steps): string[] =>
  [prepare, commit, tidy].flatMap((steps) => [
    ...steps.map((step) =>
      step.tool === 'iptables'
        ? step.family.label
        : step.tool === 'copy'
          ? `copy ${step.from} to ${step.to}`
          : String(step.input)
              .trimEnd()
              .split('\n')
              .filter((line) => !line.startsWith('add '))
              .map((line) => line.split(' ').slice(0, 2).join(' ').replaceAll('geofence-', ''))
              .join(', '),
    ),
    '--',
  ]);

const leftover: DesiredState = {
  ...fence,
  sets: new Map(fence.sets).set('geofence-escape-4.new', {
    ...fence.sets.get('geofence-escape-4')!,
    name: 'geofence-escape-4.new',
    isUnfinished: true,
  }),
};

const cases: { name: string; from: DesiredState; to: DesiredState; want: string[] }[] = [
  { name: 'does nothing for no changes', from: fence, to: fence, want: ['--', '--', '--'] },
  {
    name: 'names new sets before rules look at them',
    from: noFence,
    to: fence,
    want: [
      'create main-allow-4.new, create escape-4.new',
      '--',
      'rename main-allow-4.new, rename escape-4.new',
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
    name: 'swaps escapes at once when nothing else changes',
    from: fence,
    to: fenceState({ ...options, escapes: ['198.51.100.8'] }),
    want: ['create escape-4.new', '--', 'swap escape-4.new', '--', 'destroy escape-4.new', '--'],
  },
  {
    name: 'keeps the old escapes until all else is in force',
    from: fence,
    to: fenceState({ ...options, mode: 'deny', escapes: ['198.51.100.8'] }),
    want: [
      'create escape-4.new, create main-deny-4.new',
      '--',
      'swap escape-4.new, rename main-deny-4.new',
      'IPv4',
      '--',
      'destroy escape-4.new, create escape-4.new, swap escape-4.new, destroy escape-4.new, destroy main-allow-4',
      '--',
    ],
  },
  {
    name: 'destroys sets after the rules that look at them',
    from: fence,
    to: noFence,
    want: ['--', 'IPv4', '--', 'destroy main-allow-4, destroy escape-4', '--'],
  },
  {
    name: 'clears away what is in the way first',
    from: leftover,
    to: fenceState({ ...options, escapes: ['198.51.100.8'] }),
    want: [
      'destroy escape-4.new, create escape-4.new',
      '--',
      'swap escape-4.new',
      '--',
      'destroy escape-4.new, create escape-4.new, swap escape-4.new, destroy escape-4.new',
      '--',
    ],
  },
];

for (const { name, from, to, want } of cases) {
  test(`stepsOf() ${name}`, () => assert.deepEqual(shorten(stepsOf(diff(to, from))), want));
}

test('stepsOf() holds both the old and the new escapes in between', () => {
  const to = fenceState({ ...options, countries: ['DE'], escapes: ['198.51.100.8'] });
  const { prepare, filled } = stepsOf(diff(to, fence));
  assert.deepEqual(
    filled.map(({ name, entries }) => [name, entries]),
    [['geofence-escape-4.new', 2]],
  );
  const [step] = prepare;
  assert.ok(step?.tool === 'ipset');
  assert.match(String(step.input), /add \S+ 198\.51\.100\.7\/32\nadd \S+ 198\.51\.100\.8\/32\n/);
});
