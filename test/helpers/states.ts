import type { Bounds } from '../../src/ip/bounds.ts';
import { unionAll } from '../../src/ip/bounds.ts';
import type { Family } from '../../src/ip/family.ts';
import { families, ipv4 } from '../../src/ip/family.ts';
import { formatBounds } from '../../src/ip/prefixes.ts';
import { desiredState } from '../../src/plan/desired.ts';
import type { Mode, Policy } from '../../src/policy/policy.ts';
import type { State } from '../../src/firewall/model.ts';
import { localBounds } from '../../src/zones/local.ts';
import { familyOf } from '../../src/ip/cidr.ts';
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
    fences: [{ name: 'main', mode, countries }],
    families: options.ipv6 === false ? [ipv4] : families,
    escapes: new Map(
      families.map((family) => [
        family,
        unionAll(family, [boundsIn(family, escapes), ...(local ? [localBounds(family)] : [])]),
      ]),
    ),
    logDrops: options.logDrops === true,
    dropsEarly: options.dropsEarly === true,
    extraEntries: 0,
  };
}

/** The desired state of a fence. */
export const fenceState = (options: FenceOptions = {}): State =>
  desiredState(policyOf(options), (_, family) => boundsIn(family, options.networks ?? []));

/** A state as sorted lines a person can read: what two states are compared by, without diff(). */
export function snapshot({ sets, rulesets }: State): string[] {
  const setLines = [...sets.values()].map(({ name, header, bounds }) =>
    [`set ${name} (${header}):`, ...formatBounds(bounds)].join(' '),
  );
  const ruleLines = rulesets.flatMap(({ table, family, chains, jumps }) => {
    const where = table === 'mangle' ? family.label : `${family.label} ${table}`;
    return [
      ...jumps.map(({ chain, position, text }) => `${where} ${chain} ${position} ${text}`),
      ...[...chains.keys()].map((name) => `${where} chain ${name}`),
      ...[...chains].flatMap(([name, rules]) =>
        rules.map(({ text }, i) => `${where} ${name} ${i + 1} ${text}`),
      ),
    ];
  });
  return [...setLines.sort(), ...ruleLines.sort()];
}
