import type { Settings } from './settings.ts';

/** How a configuration file of ours begins. */
export const header = `\
# What geofence keeps the firewall of this host to. "geofence init" edits this
# file and leaves your comments alone; "geofence refresh" applies it.
`;

const mode = '"allow": only these countries get in; "deny": these do not. One of the two.';

/** What stands above a setting in the configuration file. */
export const comments: Record<keyof Settings, string> = {
  allow: mode,
  deny: mode,
  allow_subnets: 'Addresses and networks that always get in.',
  local: 'Whether local addresses (private, link-local, ...) always get in.',
  ipv6: 'Whether IPv6 is fenced too; it stays open with false.',
  log_drops: 'Whether the kernel logs what is dropped, six lines a minute at most.',
  early_drop: 'Whether new TCP connections are dropped before connection tracking.',
  sources: 'Who is asked for zones, best first.',
  mirror: "A base URL with ipdeny's layout, in place of ipdeny's.",
  max_zone_age_days: 'From which age on zones are asked for again.',
  concurrency: 'Requests at once to one host.',
  deadline_seconds: 'How long fetching may take in all.',
  max_zone_shrink_percent: 'A zone that lost more of its addresses is refused.',
  max_zone_growth_percent: 'A zone that grew by more is refused.',
  max_extra_entries_percent: 'How many more entries a set may have for the sake of cheaper lookups.',
  ssh_ports: 'Where sshd listens.',
  iptables: 'Which iptables to use: auto, nft or legacy.',
  cache_dir: 'Where zones are kept.',
  state_dir: 'Where the policy and the former fence are remembered.',
};
