import type { DesiredState, SetShape, SetSpec } from '../../src/firewall/model.ts';
import type { Family } from '../../src/ip/family.ts';
import { ipv4, ipv6 } from '../../src/ip/family.ts';
import { inFront } from '../helpers/states.ts';
import type { TestKernel } from '../helpers/test-kernel.ts';

/** Entries of a set, each with the seconds it has left; 0 where it has no end. */
export type Entries = ReadonlyMap<string, number>;

interface RuntimeSet {
  readonly name: string;
  readonly shape: SetShape;
  readonly entries: Entries;
}

const COUNT = 1000;
const many = (entryOf: (i: number) => string, secondsOf: (i: number) => number = () => 0): Entries =>
  new Map(Array.from({ length: COUNT }, (_, i) => [entryOf(i), secondsOf(i)]));

/** Some end within the hour, some never. */
const seconds = (i: number): number => (i % 7 === 0 ? 0 : 600 + 3 * i);

const own = { maxEntries: 4096, extras: '' };

/** 1,000 entries of each kind. */
export const runtimeSets: readonly RuntimeSet[] = [
  {
    name: 'geofence-ban-4',
    shape: { kind: 'addresses', family: ipv4, hasTimeouts: true, ...own },
    entries: many((i) => `198.18.${i >> 8}.${i & 255}`, seconds),
  },
  {
    name: 'geofence-ban-6',
    shape: { kind: 'addresses', family: ipv6, netmask: 64, hasTimeouts: true, ...own },
    entries: many((i) => `2001:db8:${(i + 1).toString(16)}::`, seconds),
  },
  {
    name: 'geofence-banned-4',
    shape: { kind: 'networks', family: ipv4, hasTimeouts: false, ...own },
    entries: many((i) => `198.${51 + (i >> 8)}.${i & 255}.0/${24 + (i % 8)}`),
  },
  {
    name: 'geofence-banned-6',
    shape: { kind: 'networks', family: ipv6, hasTimeouts: false, ...own },
    entries: many((i) => `2001:db8:${(i + 1).toString(16)}::/${48 + (i % 16)}`),
  },
  {
    name: 'geofence-open-tcp',
    shape: { kind: 'ports', hasTimeouts: true, extras: '' },
    entries: many((i) => String(20_000 + i), seconds),
  },
];

const specOf = ({ name, shape }: RuntimeSet): SetSpec => ({ name, shape, owner: 'runtime' });

/** Rules that ask them: a set that nothing asks is part of no snapshot. */
const rulesFor = ({ version }: Family): string[] => [
  `-m set --match-set geofence-ban-${version} src -j DROP`,
  `-m set --match-set geofence-banned-${version} src -j DROP`,
  '-p tcp -m set --match-set geofence-open-tcp dst -j RETURN',
];

/** The fence with these sets, asked where it has a chain of its own; `change` makes others of them. */
export function withRuntimeSets(
  state: DesiredState,
  change: (shape: SetShape) => SetShape = (shape) => shape,
): DesiredState {
  const sets = runtimeSets.map((set) => specOf({ ...set, shape: change(set.shape) }));
  return {
    ...inFront(state, rulesFor),
    sets: new Map([...state.sets, ...sets.map((set) => [set.name, set] as const)]),
  };
}

/** Fills them, as somebody does whose entries they are. */
export async function fill(kernel: TestKernel): Promise<void> {
  const lines = runtimeSets.flatMap(({ name, shape, entries }) =>
    [...entries].map(
      ([entry, left]) => `add ${name} ${entry}${shape.hasTimeouts ? ` timeout ${left}` : ''} -exist\n`,
    ),
  );
  await kernel.meddle('ipset', ['restore'], lines.join(''));
}

/** What a set holds, in the words of ipset. */
export async function entriesIn(kernel: TestKernel, name: string): Promise<Entries> {
  const { stdout } = await kernel.meddle('ipset', ['save', name]);
  const found = stdout.toString().matchAll(/^add \S+ (\S+)(?: timeout (\d+))?$/gm);
  return new Map([...found].map(([, entry = '', left = '0']) => [entry, Number(left)]));
}
