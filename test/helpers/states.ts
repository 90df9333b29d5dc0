import type { Bounds } from '../../src/ip/bounds.ts';
import { unionAll } from '../../src/ip/bounds.ts';
import type { Family } from '../../src/ip/family.ts';
import { families, ipv4 } from '../../src/ip/family.ts';
import { formatBounds } from '../../src/ip/prefixes.ts';
import { desiredState } from '../../src/plan/desired.ts';
import type { Mode, Policy } from '../../src/policy/policy.ts';
import { fenceOf } from './fences.ts';
import { renderHeader } from '../../src/firewall/ipset/set-header.ts';
import { chainAt } from '../../src/firewall/ipset/tables.ts';
import type { DesiredState, Match, State } from '../../src/firewall/model.ts';
import { isForeign } from '../../src/firewall/model.ts';
import { looksAt } from '../../src/firewall/rulesets.ts';
import { ruleOf, textOf } from './rules.ts';
import { sparedBounds } from '../../src/zones/local.ts';
import { noExtraEntries } from '../../src/firewall/set-shape.ts';
import { newConnection } from '../../src/explain/packet.ts';
import type { Verdict } from '../../src/explain/verdict.ts';
import { verdict } from '../../src/explain/verdict.ts';
import { familyOf, parseAddress } from '../../src/ip/cidr.ts';
import { setOf } from '../ip/model.ts';

/** A fence in short: what a test says of it, the rest by default. */
export interface FenceOptions {
  readonly mode?: Mode;
  readonly countries?: readonly string[];
  /** The networks of the countries, both families in any order. */
  readonly networks?: readonly string[];
  /** ALLOWSUBNET. */
  readonly escapes?: readonly string[];
  readonly local?: boolean;
  readonly ipv6?: boolean;
  readonly logDrops?: boolean;
  /** Off by default here: most tests are about the fence. */
  readonly dropsEarly?: boolean;
}

/** The addresses and networks of one family among those of both. */
export const boundsIn = (family: Family, networks: readonly string[]): Bounds =>
  setOf(
    family,
    ...networks
      .filter((network) => familyOf(network) === family)
      .map((network) => (network.includes('/') ? network : `${network}/${family.bits}`)),
  );

export function policyOf(options: FenceOptions = {}): Policy {
  const { mode = 'allow', countries = ['CA'], escapes = [], local = false } = options;
  return {
    fences: [fenceOf({ mode, countries, logs: options.logDrops === true })],
    families: options.ipv6 === false ? [ipv4] : families,
    escapes: new Map(
      families.map((family) => [
        family,
        unionAll(family, [boundsIn(family, escapes), ...(local ? [sparedBounds(family)] : [])]),
      ]),
    ),
    dropsEarly: options.dropsEarly === true,
    extraEntries: noExtraEntries,
  };
}

/** The desired state of a fence. */
export const fenceState = (options: FenceOptions = {}): DesiredState =>
  desiredState(policyOf(options), (_, family) => boundsIn(family, options.networks ?? []));

/** The verdict on the first packet of a connection from an address, to any port or to one. */
export function judge(state: State, address: string, port?: number): Verdict {
  const family = familyOf(address);
  const source = parseAddress(family, address);
  if (source === undefined) throw new Error(address);
  return verdict(state, { ...newConnection(family, port), source });
}

/** A state whose hooks are for other packets: `change` makes their conditions of those there are. */
export const onHooks = (
  state: DesiredState,
  change: (match: readonly Match[]) => readonly Match[],
): DesiredState => ({
  ...state,
  rulesets: state.rulesets.map((rules) => ({
    ...rules,
    hooks: rules.hooks.map(({ rule, ...place }) => ({
      ...place,
      rule: isForeign(rule) ? rule : { ...rule, match: change(rule.match) },
    })),
  })),
});

/** A state with rules in front of those of every chain, in the words of iptables-save. */
export const inFront = (
  state: DesiredState,
  textsFor: (family: Family) => readonly string[],
): DesiredState => ({
  ...state,
  rulesets: state.rulesets.map((rules) => {
    const front = textsFor(rules.family).map((text) => ruleOf(text, rules.family));
    return {
      ...rules,
      chains: new Map([...rules.chains].map(([name, chain]) => [name, [...front, ...chain]])),
    };
  }),
});

/** A state whose fence is about one TCP port alone. */
export const limited = (state: DesiredState, port: number): DesiredState =>
  onHooks(state, (match) => [onPort(port), ...match]);

const onPort = (port: number): Match => ({
  on: 'ports',
  protocol: 'tcp',
  destination: [{ from: port, to: port }],
});

/** A state as sorted lines a person can read: what two states are compared by, without diff(). */
export function snapshot({ sets, rulesets }: State): string[] {
  const setLines = [...sets.values()].map(({ name, shape, bounds }) =>
    [`set ${name} (${renderHeader(shape)}):`, ...(bounds === undefined ? [] : formatBounds(bounds))].join(
      ' ',
    ),
  );
  const ruleLines = rulesets.flatMap(({ stage, family, chains, hooks }) => {
    const where = stage === 'main' ? family.label : `${family.label} ${stage}`;
    return [
      ...hooks.map(({ at, position, rule }) => `${where} ${chainAt(at)} ${position} ${textOf(rule, family)}`),
      ...[...chains.keys()].map((name) => `${where} chain ${name}`),
      ...[...chains].flatMap(([name, rules]) =>
        rules.map((rule, i) => `${where} ${name} ${i + 1} ${textOf(rule, family)}`),
      ),
    ];
  });
  return [...setLines.sort(), ...ruleLines.sort()];
}

/** What decides about packets: the main rules, and the sets that they look at. */
export const inForce = ({ sets, rulesets }: State): string[] => {
  const main = rulesets.filter(({ stage }) => stage === 'main');
  const named = [...sets].filter(([name]) => main.some((rules) => looksAt(rules, name)));
  return snapshot({ sets: new Map(named), rulesets: main });
};
