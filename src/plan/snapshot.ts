import { newCidr, parseCidr } from '../ip/cidr.ts';
import { Collector } from '../ip/collect.ts';
import { families, ipv4, ipv6 } from '../ip/family.ts';
import { formatBounds } from '../ip/prefixes.ts';
import type { Table } from '../firewall/names.ts';
import type { Jump, Ruleset, SetState, State } from '../firewall/model.ts';

/** A state as JSON: what the kernel held, to be put back later. */
export interface Snapshot {
  readonly sets: readonly {
    readonly name: string;
    readonly header: string;
    readonly networks: readonly string[];
  }[];
  readonly rulesets: readonly {
    readonly table: Table;
    readonly family: 'ipv4' | 'ipv6';
    readonly chains: Readonly<Record<string, readonly string[]>>;
    readonly jumps: readonly Jump[];
  }[];
}

/** Sets that no rule looks at are part of no fence: a killed run made them, and they are left out. */
export const snapshotOf = ({ sets, rulesets }: State): Snapshot => ({
  sets: [...sets.values()]
    .filter(({ name }) => rulesets.some((ruleset) => looksAt(ruleset, name)))
    .map(({ name, header, bounds }) => ({ name, header, networks: formatBounds(bounds) })),
  rulesets: rulesets.map(({ table, family, chains, jumps }) => ({
    table,
    family: family.name,
    chains: Object.fromEntries([...chains].map(([name, rules]) => [name, rules.map(({ text }) => text)])),
    jumps,
  })),
});

const looksAt = ({ chains }: Ruleset, set: string): boolean =>
  [...chains.values()].flat().some(({ text }) => text.includes(`--match-set ${set} `));

/** The reverse. */
export const stateOf = ({ sets, rulesets }: Snapshot): State => ({
  sets: new Map(sets.map((set) => [set.name, setOf(set)])),
  rulesets: rulesets.map(({ table, family, chains, jumps }) => ({
    table,
    family: families.find(({ name }) => name === family)!,
    chains: new Map(Object.entries(chains).map(([name, rules]) => [name, rules.map((text) => ({ text }))])),
    jumps,
  })),
});

function setOf({ name, header, networks }: Snapshot['sets'][number]): SetState {
  const collector = new Collector(header.includes('family inet6') ? ipv6 : ipv4);
  const cidr = newCidr();
  for (const network of networks) {
    const bytes = new TextEncoder().encode(network);
    const reason = parseCidr(collector.family, bytes, 0, bytes.length, cidr);
    if (reason !== undefined) throw new Error(`set ${name}: "${network}": ${reason}`);
    collector.add(cidr.words, cidr.length);
  }
  return { name, header, bounds: collector.bounds() };
}
