import type { AnyRule, DesiredState, Match, Rule, Ruleset, SetSpec, State } from '../firewall/model.ts';
import { isForeign } from '../firewall/model.ts';
import { ENTRY_CHAIN } from '../firewall/names.ts';
import { rulesOf } from '../firewall/rulesets.ts';
import type { Family } from '../ip/family.ts';
import { families } from '../ip/family.ts';
import { holePortSet, holeSourceSet } from './set-names.ts';

/** The protocols whose ports can be opened. */
const holeProtocols = ['tcp', 'udp'] as const;
export type HoleProtocol = (typeof holeProtocols)[number];

/** With 64 bytes an entry, a quarter of a megabyte at most. */
const MOST_VISITORS = 4096;

const holeSets = (family: Family): SetSpec[] => [
  ...holeProtocols.map((protocol) =>
    spec(holePortSet(protocol), { kind: 'ports', hasTimeouts: true, extras: '' }),
  ),
  spec(holeSourceSet(family), {
    kind: 'addresses',
    family,
    hasTimeouts: true,
    maxEntries: MOST_VISITORS,
    extras: '',
  }),
];

const spec = (name: string, shape: SetSpec['shape']): SetSpec => ({ name, shape, owner: 'runtime' });

const isHoleSet = (name: string): boolean =>
  [...holeProtocols.map(holePortSet), ...families.map(holeSourceSet)].includes(name);

/** The families that are fenced in a state. */
export const fencedIn = (state: State): Family[] =>
  families.filter((family) => rulesOf(state, 'main', family).hooks.length > 0);

/** Whether a state has sets of holes, with or without a hole. */
export const hasHoleSets = ({ sets }: Pick<State, 'sets'>): boolean => [...sets.keys()].some(isHoleSet);

/** Whether something is open now. */
const hasOpenHoles = ({ sets }: Pick<State, 'sets'>): boolean =>
  [...sets.values()].some(({ name, timed }) => isHoleSet(name) && timed !== undefined && timed.size > 0);

/**
 * Returns the state with the sets of holes, and with rules that ask them about what is about to be dropped, and about
 * nothing else: a packet that gets in anyway costs no lookup.
 */
export function withHoles(state: DesiredState): DesiredState {
  const sets = fencedIn(state).flatMap(holeSets);
  return {
    sets: new Map([...state.sets, ...sets.map((set) => [set.name, set] as const)]),
    rulesets: state.rulesets.map((rules) => (rules.hooks.length === 0 ? rules : holed(rules))),
  };
}

/** The same, with what is open, where something is open in `actual`: no change of the fence closes a hole. */
export const withOpenHoles = (desired: DesiredState, actual: State): DesiredState =>
  hasOpenHoles(actual) ? withHolesOf(desired, actual) : desired;

/** The same where `actual` has the sets of holes: they are no drift, and the next refresh takes them away. */
export function withHolesOf(desired: DesiredState, actual: State): DesiredState {
  if (!hasHoleSets(actual)) return desired;
  const { sets, rulesets } = withHoles(desired);
  const opened = [...sets.values()].map((set) => {
    const timed = isHoleSet(set.name) ? actual.sets.get(set.name)?.timed : undefined;
    return timed === undefined ? set : { ...set, timed };
  });
  return { sets: new Map(opened.map((set) => [set.name, set])), rulesets };
}

/** Adds the sets of holes where `saved`, the text of saved rulesets, names one: without them it cannot be loaded. */
export function withSavedHoleSets(desired: DesiredState, saved: string): DesiredState {
  const sets = families
    .flatMap(holeSets)
    .filter(({ name }) => saved.includes(name) && !desired.sets.has(name));
  return { ...desired, sets: new Map([...desired.sets, ...sets.map((set) => [set.name, set] as const)]) };
}

function holed({ stage, family, hooks, chains }: Ruleset): Ruleset {
  const inner = (rule: AnyRule): AnyRule => (stage === 'early' ? unlessInHole(rule, family) : rule);
  return {
    stage,
    family,
    hooks: hooks.map((hook) => ({ ...hook, rule: inner(hook.rule) })),
    chains: new Map(
      [...chains].map(([name, rules]) => {
        const bare = rules.filter((rule) => !isHoleRule(rule));
        const asks = name.startsWith(`${ENTRY_CHAIN}-SEEN-`) || (stage === 'main' && isDropChain(bare));
        return [name, asks ? [...holeRules(family), ...bare] : bare.map(inner)];
      }),
    ),
  };
}

const isDropChain = (rules: readonly AnyRule[]): boolean => rules.at(-1)?.action?.do === 'drop';

const asksHoles = (match: Match): boolean => match.on === 'set' && isHoleSet(match.set);

const isHoleRule = (rule: AnyRule): boolean =>
  !isForeign(rule) && rule.action.do === 'return' && rule.match.some(asksHoles);

/** A set of ports knows no protocol, so that a rule asks for that first. */
const holeRules = (family: Family): Rule[] => [
  ...holeProtocols.map((protocol): Rule => ({
    match: [
      { on: 'protocol', protocol },
      { on: 'set', set: holePortSet(protocol), side: 'destination', isInside: true },
    ],
    action: { do: 'return' },
  })),
  {
    match: [{ on: 'set', set: holeSourceSet(family), side: 'source', isInside: true }],
    action: { do: 'return' },
  },
];

/** Only TCP is dropped early. */
const unlessInHole = (rule: AnyRule, family: Family): AnyRule =>
  isForeign(rule) || rule.action.do !== 'drop'
    ? rule
    : {
        ...rule,
        match: [
          ...rule.match.filter((match) => !asksHoles(match)),
          { on: 'set', set: holePortSet('tcp'), side: 'destination', isInside: false },
          { on: 'set', set: holeSourceSet(family), side: 'source', isInside: false },
        ],
      };

/** What is open: a port to everybody, or everything to an address. */
export interface Hole {
  readonly protocol?: HoleProtocol;
  /** "80", or an address. */
  readonly entry: string;
  /** 0: until somebody closes it. */
  readonly secondsLeft: number;
}

/** All that is open in a state. */
export const holesIn = ({ sets }: State): Hole[] => {
  const timedIn = (name: string): [string, number][] => [...(sets.get(name)?.timed ?? [])];
  return [
    ...holeProtocols.flatMap((protocol) =>
      timedIn(holePortSet(protocol)).map(([entry, secondsLeft]) => ({ protocol, entry, secondsLeft })),
    ),
    ...families.flatMap((family) =>
      timedIn(holeSourceSet(family)).map(([entry, secondsLeft]) => ({ entry, secondsLeft })),
    ),
  ];
};
