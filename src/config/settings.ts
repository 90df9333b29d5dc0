import type { Variant } from '../firewall/choose.ts';

/**
 * What one layer (flags, environment, file, remembered) says; what it is silent about is absent. The names are those
 * of the configuration file, so that one schema reads the file and the remembered settings alike.
 */
export interface Settings {
  /** Country selectors: only these countries get in. Excludes `deny`. */
  allow?: string[];
  /** Country selectors: these countries do not get in. Excludes `allow`. */
  deny?: string[];
  /** Addresses and CIDRs that always get through. */
  allow_subnets?: string[];
  /** Whether IPv6 is fenced too. */
  ipv6?: boolean;
  /** Whether local addresses always get through. */
  local?: boolean;
  log_drops?: boolean;
  /** Whether new TCP connections are dropped before connection tracking. */
  early_drop?: boolean;
  /** Names of sources, best first. */
  sources?: string[];
  /** A base URL with ipdeny's layout that takes ipdeny's place. */
  mirror?: string;
  /** Age in days from which a zone is fetched anew. */
  max_zone_age_days?: number;
  /** Requests at once to one host. */
  concurrency?: number;
  /** How long fetching may take in total. */
  deadline_seconds?: number;
  /** By how much of its addresses a zone may shrink and grow between two copies, in percent. */
  max_zone_shrink_percent?: number;
  max_zone_growth_percent?: number;
  /** How many more entries a set may have so that lookups in it are cheaper, in percent; 0 turns that off. */
  max_extra_entries_percent?: number;
  /** Where sshd listens: peers of sessions there must not be cut off. */
  ssh_ports?: number[];
  iptables?: Variant;
  cache_dir?: string;
  /** Where the policy and the former fence are remembered. */
  state_dir?: string;
}

/** Settings that always have a value. */
export type SettledSettings = Settings &
  Required<Omit<Settings, 'allow' | 'deny' | 'mirror' | 'concurrency' | 'cache_dir' | 'state_dir'>>;

/** What holds where no layer says anything. */
export const defaults: SettledSettings = {
  allow_subnets: [],
  ipv6: true,
  local: true,
  log_drops: false,
  early_drop: true,
  sources: ['ipdeny', 'ipverse'],
  max_zone_age_days: 6,
  deadline_seconds: 120,
  max_zone_shrink_percent: 20,
  max_zone_growth_percent: 50,
  max_extra_entries_percent: 10,
  ssh_ports: [22],
  iptables: 'auto',
};

/** The object without the properties that are undefined. */
export function defined<T extends object>(object: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(object).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

/** Whether two layers say the same. */
export function equalSettings(a: Settings, b: Settings): boolean {
  const text = (settings: Settings): string =>
    JSON.stringify(Object.entries(settings).sort(([x], [y]) => (x < y ? -1 : 1)));
  return text(a) === text(b);
}
