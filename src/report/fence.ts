import type { Family } from '../ip/family.ts';
import { ipv4, ipv6 } from '../ip/family.ts';
import { formatPlural, formatShare, listRows, wrapItem } from '../words/format.ts';

export type FamilyName = Family['name'];

/** Returns a family as people write it: "IPv4". */
export const labelOf = (family: FamilyName): Family['label'] => (family === 'ipv4' ? ipv4 : ipv6).label;

/** What a fence holds of one family. */
interface FamilyReport {
  readonly family: FamilyName;
  readonly set: string;
  /** Zones merged, and what they became, escapes apart. */
  readonly zones: number;
  readonly networks: number;
  /** Different prefix lengths of what the kernel's set holds, escapes included, and those kept in it. */
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

/** Who gets in on one way, in words. */
export interface WayReport {
  /** "tcp/80, tcp/443 on eth0", or "everything else". */
  readonly way: string;
  /** "only CA (Canada), but not RU (Russia)". */
  readonly who: string;
  /** The fence that decides who gets in; undefined where only those that keep out do. */
  readonly owner: string | undefined;
}

/** What a policy comes to, and the families it leaves open. */
export interface PolicyReport {
  readonly fences: readonly FenceReport[];
  /** Who gets in where; empty where the same get in everywhere. */
  readonly access: readonly WayReport[];
  readonly openFamilies: readonly string[];
}

/** "4,321 networks from 1 zone, 69,000,000 addresses (1.6 % of IPv4)" */
const describeFamily = ({ family, zones, networks, addresses }: FamilyReport): string =>
  `${formatPlural(networks, 'network')} from ${formatPlural(zones, 'zone')}, ${describeSize(family, addresses)}`;

/**
 * Words a number of addresses: of IPv4 as addresses with their share of all, of IPv6, where addresses say nothing, as
 * networks of the size a site gets (/48).
 */
export function describeSize(family: FamilyName, addresses: number): string {
  const size = describeAddresses(family, addresses);
  return family === 'ipv6' ? size : `${size} (${formatShare(addresses / 2 ** 32)} of IPv4)`;
}

/** Words a number of addresses without their share: "4,321 addresses" of IPv4, "12 /48" of IPv6. */
export function describeAddresses(family: FamilyName, addresses: number): string {
  if (family === 'ipv4') return formatPlural(addresses, 'address', 'addresses');
  const sites = addresses / 2 ** 80;
  return sites > 0 && sites < 1 ? 'less than a /48' : formatPlural(sites, '/48');
}

/** Words the prefix lengths and entries of a set: "38 → 8 prefix lengths, 71,480 entries". */
export const describeEntries = ({ prefixLengths, keptPrefixLengths, entries }: FamilyReport): string =>
  `${prefixLengths} → ${keptPrefixLengths} prefix lengths, ${formatPlural(entries, 'entry', 'entries')}`;

/**
 * Returns table rows for a fence: its sentence, its sizes in each family, and the labels of `open` families as not
 * fenced.
 */
export const fenceRows = (report: FenceReport, open: readonly string[]): [string, string][] => [
  ['policy', report.sentence],
  ...report.families.flatMap((family): [string, string][] => [
    [labelOf(family.family), describeFamily(family)],
    ...(family.entries === family.networks ? [] : [['', describeEntries(family)] as [string, string]]),
  ]),
  ...open.map((label): [string, string] => [label, 'not fenced, as the policy says: everybody gets in']),
];

/** Returns table rows for who gets in where: "tcp/22: only CA (Canada)". */
export const accessRows = (access: readonly WayReport[]): [string, string][] =>
  listRows(
    'who',
    access.flatMap(({ way, who }) => wrapItem(`${way}: ${who}`)),
  );
