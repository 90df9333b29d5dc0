import { countAddresses } from '../ip/bounds.ts';
import type { Family } from '../ip/family.ts';
import { prefixes } from '../ip/prefixes.ts';
import { chooseLengths } from '../ip/reduce.ts';
import { fenceSet } from '../plan/names.ts';
import type { Policy } from '../policy/policy.ts';
import { describeFence } from '../policy/policy.ts';
import type { DesiredState } from '../firewall/model.ts';
import { formatPlural, formatShare } from '../words/format.ts';

/** What a fence holds of one family. */
interface FamilyReport {
  readonly family: Family['name'];
  readonly set: string;
  /** Zones merged, and what they became. */
  readonly zones: number;
  readonly networks: number;
  /** Different prefix lengths of the networks, and those kept in the kernel's set, which then has more entries. */
  readonly prefixLengths: number;
  readonly keptPrefixLengths: number;
  readonly entries: number;
  readonly addresses: number;
  /** Of the family's address space. */
  readonly share: number;
}

/** What a policy comes to. */
export interface FenceReport {
  readonly sentence: string;
  readonly mode: string;
  readonly countries: readonly string[];
  readonly families: readonly FamilyReport[];
}

/** Counts what the desired state of a policy holds; `zonesOf` counts the zones that went into a family. */
export function reportFence(
  policy: Policy,
  desired: DesiredState,
  zonesOf: (family: Family) => number,
): FenceReport[] {
  return policy.fences.map((fence) => ({
    sentence: describeFence(fence),
    mode: fence.mode,
    countries: fence.countries,
    families: policy.families.map((family) => {
      const set = fenceSet(fence, family);
      const spec = desired.sets.get(set);
      if (spec?.owner !== 'plan') throw new Error(`the plan has no set ${set}`);
      const { bounds, extraEntries } = spec;
      const list = prefixes(bounds);
      const reduction = chooseLengths(list, list.lengths.length * (1 + extraEntries));
      const addresses = countAddresses(bounds);
      return {
        family: family.name,
        set,
        zones: zonesOf(family),
        networks: list.lengths.length,
        prefixLengths: reduction.from,
        keptPrefixLengths: reduction.lengths.length,
        entries: reduction.networks,
        addresses,
        share: addresses / 2 ** family.bits,
      };
    }),
  }));
}

/** "4,321 networks from 1 zone, 69,000,000 addresses (1.6 % of IPv4)" */
const describeFamily = ({ family, zones, networks, addresses }: FamilyReport): string =>
  `${formatPlural(networks, 'network')} from ${formatPlural(zones, 'zone')}, ${describeSize(family, addresses)}`;

/** In addresses for IPv4, in networks of the size a site gets for IPv6, where addresses say nothing. */
export function describeSize(family: Family['name'], addresses: number): string {
  const size = describeAddresses(family, addresses);
  return family === 'ipv6' ? size : `${size} (${formatShare(addresses / 2 ** 32)} of IPv4)`;
}

/** The same without the share. */
export function describeAddresses(family: Family['name'], addresses: number): string {
  if (family === 'ipv4') return formatPlural(addresses, 'address', 'addresses');
  const sites = addresses / 2 ** 80;
  return sites > 0 && sites < 1 ? 'less than a /48' : formatPlural(sites, '/48');
}

/** "38 → 8 prefix lengths, 71,480 entries" */
export const describeEntries = ({ prefixLengths, keptPrefixLengths, entries }: FamilyReport): string =>
  `${prefixLengths} → ${keptPrefixLengths} prefix lengths, ${formatPlural(entries, 'entry', 'entries')}`;

/** The rows of a table: the sentence, then those of each family. */
export const fenceRows = (report: FenceReport, open: readonly string[]): [string, string][] => [
  ['policy', report.sentence],
  ...report.families.flatMap((family): [string, string][] => [
    [family.family === 'ipv4' ? 'IPv4' : 'IPv6', describeFamily(family)],
    ...(family.entries === family.networks ? [] : [['', describeEntries(family)] as [string, string]]),
  ]),
  ...open.map((label): [string, string] => [label, 'not fenced, as the policy says: everybody gets in']),
];
