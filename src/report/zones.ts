import type { Family } from '../ip/family.ts';
import { families } from '../ip/family.ts';
import { formatColumns } from '../words/columns.ts';
import type { FamilyName } from './fence.ts';
import { describeSize } from './fence.ts';
import { formatAge, formatCount, formatPlural, formatTable, listRows } from '../words/format.ts';

/** Which zone it is about. */
export interface ZoneFacts {
  /** "CA IPv4" */
  readonly zone: string;
  readonly country: string;
  readonly name: string | undefined;
  readonly family: FamilyName;
}

/** Why there is no zone; `empty`: no registry is known to have given it any network. */
export type ZoneLack =
  | { readonly state: 'damaged'; readonly reason: string }
  | { readonly state: 'absent' | 'empty' };

interface PresentZone extends ZoneFacts {
  readonly state: 'present';
  readonly networks: number;
  readonly addresses: number;
  readonly source: string;
  readonly url: string;
  /** ISO 8601 */
  readonly fetchedAt: string;
  /** null when the clock was set back since. */
  readonly ageSeconds: number | null;
  /** How many addresses more than the previous copy it has, in percent of those; null without that. */
  readonly changePercent: number | null;
}

/** A zone as the cache has it. */
export type ZoneReport = PresentZone | (ZoneFacts & ZoneLack);

/** What `zones --json` prints. */
export interface ZonesReport {
  readonly cacheDir: string;
  readonly zones: readonly ZoneReport[];
}

const HEADER = ['zone', 'networks', 'addresses', 'change', 'age', 'source', 'country'];
const NUMBERS = [1, 2, 3, 4];

const MENDING = ['damaged', 'is as good as missing: the next refresh or fetch gets it again'] as const;

/** Renders a line for each zone, then totals by family, sources and the cache folder. */
export function renderZones({ cacheDir, zones }: ZonesReport): string {
  if (zones.length === 0) {
    return formatTable([
      ['zones', `none in ${cacheDir}`],
      ['', 'to get some: geofence fetch --allow CA'],
    ]);
  }
  const present = zones.filter((zone) => zone.state === 'present');
  const rows = zones.map((zone) =>
    zone.state === 'present' ? presentRow(zone) : [zone.zone, describeLack(zone)],
  );
  const table = formatColumns([...(present.length === 0 ? [] : [HEADER]), ...rows], NUMBERS);
  return `${table}\n${formatTable([
    ...families.flatMap((family) => totalRows(family, present)),
    ...listRows('from', describeSources(present)),
    ...(zones.some(({ state }) => state === 'damaged') ? [MENDING] : []),
    ['cache', cacheDir],
  ])}`;
}

const presentRow = (zone: PresentZone): string[] => [
  zone.zone,
  formatCount(zone.networks),
  formatSize(zone.family, zone.addresses),
  formatChange(zone.changePercent),
  zone.ageSeconds === null ? 'unknown' : formatAge(zone.ageSeconds * 1000),
  // The host of a mirror stands below, once.
  zone.source.split(' ', 1)[0]!,
  zone.name ?? '?',
];

/** Words why a zone cannot be used: damaged, without any network, or not in the cache. */
export function describeLack(zone: ZoneFacts & ZoneLack): string {
  if (zone.state === 'damaged') return `DAMAGED: ${zone.reason}`;
  return zone.state === 'empty' ? 'has no network in any registry' : 'not in the cache';
}

/**
 * Words a number of addresses in short: of IPv4 as "67.39 M", of IPv6, where addresses say nothing, as networks of the
 * size a site gets: "12 /48".
 */
export function formatSize(family: FamilyName, addresses: number): string {
  if (family === 'ipv4') return formatRounded(addresses);
  const sites = addresses / 2 ** 80;
  return sites < 1 ? 'under a /48' : `${formatRounded(sites)} /48`;
}

/** "768", "67.39 M" */
function formatRounded(n: number): string {
  if (n < 1e6) return formatCount(n);
  // Four digits of it.
  const unit = 10 ** (Math.floor(Math.log10(n)) - 3);
  const millions = (Math.round(n / unit) * unit) / 1e6;
  return `${millions < 1000 ? millions : formatCount(millions)} M`;
}

/** Words a change in percent: "+0.12 %"; "-" for null, when it cannot be told. */
export function formatChange(percent: number | null): string {
  if (percent === null) return '-';
  return percent === 0 ? '0 %' : `${percent > 0 ? '+' : ''}${percent.toFixed(2)} %`;
}

function totalRows({ name, label }: Family, present: readonly PresentZone[]): [string, string][] {
  const zones = present.filter(({ family }) => family === name);
  if (zones.length === 0) return [];
  const sum = (key: 'networks' | 'addresses'): number => zones.reduce((total, zone) => total + zone[key], 0);
  const counts = `${formatPlural(zones.length, 'zone')}, ${formatPlural(sum('networks'), 'network')}`;
  return [[label, `${counts}, ${describeSize(name, sum('addresses'))}`]];
}

/** One line for each source: how many zones, and how old the oldest. */
function describeSources(present: readonly PresentZone[]): string[] {
  const sources = [...new Set(present.map(({ source }) => source))].sort();
  return sources.map((source) => {
    const zones = present.filter((zone) => zone.source === source);
    const oldest = Math.max(...zones.map(({ ageSeconds }) => ageSeconds ?? Infinity));
    const age = Number.isFinite(oldest) ? `${formatAge(oldest * 1000)} old` : 'of unknown age';
    return `${source}: ${formatPlural(zones.length, 'zone')}, the oldest ${age}`;
  });
}
