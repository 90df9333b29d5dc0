import type { ExportFormat } from '../../report/export-formats.ts';
import type { GuardName } from '../../refusal.ts';
import { entry, heading, literal, paragraph } from './roff.ts';

const fences = [
  heading('FENCES'),
  paragraph(
    'A fence says who gets in, for all ports and interfaces or for some. The settings allow and deny, and the options of the same names, state the fence "main"; others are tables [[fence]] of the configuration file, or files fences.d/NAME.toml beside it with one fence each, which "geofence fence add", "set" and "remove" write. A fence has allow or deny, and at will ports, interfaces, allow_subnets, preview, log and description.',
  ),
  paragraph(
    'Order never matters. Every deny that covers a packet counts. Of the fences with allow that cover it the most specific one owns it: port and interface before port, port before interface, interface before neither. What no fence covers passes on to the other rules of the firewall. Two owners of one port that are equally specific are an error.',
  ),
  entry('allow', 'Countries that get in; "*": everybody, so that a port is owned by nobody else.'),
  entry('deny', 'Countries that do not.'),
  entry(
    'ports',
    '"tcp/22", "udp/1000-2000", or a name: ssh, web (tcp/80, tcp/443, udp/443), mail, dns, wireguard, and those of /etc/services. They are the ports that the client dials: of a container that is published as 8080:80, 8080. Without ports a fence is about everything, other protocols too.',
  ),
  entry(
    'interfaces',
    'Where packets come in: "eth0", "ppp*" for all names that begin so, "!lan0" for all others.',
  ),
  entry(
    'allow_subnets',
    'Addresses and networks that this fence never keeps out; the others still decide about them.',
  ),
  entry(
    'preview',
    'With true the fence counts what it would drop, and drops nothing; "geofence status" tells the counts, and "geofence fence set NAME --enforce" ends it.',
  ),
  entry(
    'log',
    'With true the kernel logs what the fence drops, 6 lines a minute at most, each with the name of the fence.',
  ),
  paragraph('SSH for Canada, the web for everybody, Russia nowhere, a camera on the outside interface:'),
  literal([
    'geofence refresh --allow CA',
    "geofence fence add web --allow '*' --ports web",
    'geofence fence add nowhere --deny RU',
    'geofence fence add camera --allow CA,US --ports tcp/8554 --interfaces eth0',
  ]),
];

const holes = [
  heading('HOLES'),
  paragraph(
    'What "geofence open" opens, everybody reaches, or with --from one visitor, until the kernel closes it: no process has to live so long. A refresh, a restore or a rollback closes nothing. "geofence status" and "geofence status --check" tell what is open, and until when. No fence shuts out what comes through a hole; connections that came in go on after it.',
  ),
  paragraph('A certificate that has to be reached over port 80 for a moment, as the hooks of certbot(1):'),
  literal(["certbot renew --pre-hook 'geofence open tcp/80 --for 10m' --post-hook 'geofence close tcp/80'"]),
];

const guardMeanings: Record<GuardName, string> = {
  'empty-set': 'An allow fence that holds no address: everybody would be shut out.',
  'too-wide': "A deny fence with over 60 % of a family's addresses.",
  'zone-shrank':
    'A zone that lost more than max_zone_shrink_percent since the last accepted copy; "fetch" goes by the cache, what has privilege by a record of its own.',
  'zone-grew': 'A zone that grew by more than max_zone_growth_percent since then.',
  'zone-share':
    'A zone with more of a family than any country has: of IPv4 50 % for US, 16 % for CN, 6 to 10 % for others; of IPv6 0.2 %.',
  'ssh-peer':
    'Cutting off somebody with an open SSH session, also under sudo; --force ssh-peer=ADDRESS passes over one address. sshd is found on any port, by its processes, sshd_config and ssh_ports. Who is logged in counts, and not who only knocks; where sshd may not be looked at systemd-logind is asked, and where that knows of no login every connection counts.',
  escape: 'An ALLOWSUBNET that would not get through.',
  'ipv6-open': '--ipv4-only typed on a host that has IPv6; written in the file it is believed.',
  unconfirmed:
    'A policy of the configuration that nobody confirmed when it was on trial, until somebody types it, tries it again or forces it.',
};

const guards = [
  heading('GUARDS'),
  paragraph(
    'A guard refuses a change that is probably a mistake, with exit code 4. --force NAME passes over one of them, from then on for the same policy; over a guard of zones once.',
  ),
  ...Object.entries(guardMeanings).map(([name, meaning]) => entry(name, meaning)),
];

const formatMeanings: Record<ExportFormat, string> = {
  cidr: 'Plain lines; the default.',
  ipset: 'For "ipset restore": sets NAME-4 and NAME-6, swapped in.',
  nft: 'For "nft -f": the same sets in table inet geofence-zones, in one transaction.',
  iptables: 'For both "iptables-restore --noflush" and "ip6tables-restore --noflush": the chain NAME.',
  nginx: 'To include in a geo block.',
  haproxy: 'For "src -f FILE".',
  pf: 'For "table <NAME> persist file" and "pfctl -T replace".',
  mikrotik: 'For /import: address lists of both families.',
};

const gates = [
  heading('"OTHER GATES"'),
  paragraph(
    'Where the gate is another program or machine, "geofence fetch --allow CA" keeps the cache, and "geofence zones export" prints it, merged. It needs no privilege and no network, and prints nothing when a zone is missing. The formats:',
  ),
  ...Object.entries(formatMeanings).map(([name, meaning]) => entry(name, meaning)),
];

const boot = [
  heading('"EVERY WEEK, AND AT BOOT"'),
  paragraph(
    '"geofence install" adds systemd units where systemd runs: geofence-sets makes, before any saved firewall rules are loaded, the sets that they may name; geofence puts the fence back at boot, and again when netfilter-persistent, ufw or firewalld restarts; geofence-refresh.timer starts once a week, some time within six hours, geofence-fetch, which fetches zones as a user that exists only meanwhile, and geofence-refresh, which brings them into the kernel. Elsewhere it adds a weekly job of cron, which starts some time within 20 minutes, and a marked block of lines in /etc/rc.firewall.local, which your firewall has to call at boot.',
  ),
  paragraph(
    'A saved ruleset that names a set which does not exist cannot be loaded at all, and the host comes up without any firewall. Without systemd a script before what loads the rules makes the sets: a plugin of netfilter-persistent, a script of ifupdown, a service of OpenRC. Where something else loads them, install names it, and the line to put there.',
  ),
  paragraph('By hand, the same files are in cron/ of the source:'),
  literal([
    'install -m 755 cron/geofence.weekly /etc/cron.weekly/geofence',
    'cat cron/rc.firewall.local >>/etc/rc.firewall.local',
    'install -m 755 cron/05-geofence /usr/share/netfilter-persistent/plugins.d/',
    'cp cron/geofence*.service cron/geofence*.timer /etc/systemd/system/',
  ]),
  paragraph(
    'install never overwrites a file that is not its own, and a second run changes nothing. --prefix and --root (DESTDIR) are for packages, --yes for scripts; dist/share/manifest.json says which file goes where. To go back to an older version, uninstall first: it does not know rules of a newer one. Save the ruleset anew after either.',
  ),
];

const limits = [
  heading('LIMITS'),
  paragraph(
    'TCP connections that are open when a fence comes up go on. Where connection tracking does not take them up by itself (nf_conntrack_tcp_loose = 0, or nothing is said over them), they are known for 24 days. Those of machines behind are known only if something is said over them in the first minute; until that is over, and from the port of such a connection as long as it is known, packets that open no connection get in. UDP of those kept out begins anew, from inside.',
  ),
  paragraph(
    'Answers of DHCP servers to this host (UDP ports 68 and, from the link, 546) always pass, and so do queries of routers and switches for groups (IGMP, MLD). Traffic of other network namespaces is not seen.',
  ),
  paragraph(
    'The early drop looks at no state: a SYN that belongs to another connection (active FTP with its helper, both ends that begin at once) is dropped too, if its country is; early_drop = false turns it off.',
  ),
  paragraph(
    'Zones come over HTTPS. MD5SUM on the same channel finds corruption; it is no signature. Each family is switched in one step, the two one after the other, some milliseconds apart. IPv6 addresses that stand for IPv4 ones are in no zone: those of 6to4 (2002::/16) and NAT64 (64:ff9b::/96).',
  ),
];

/** Sections of the manual about what no option alone tells. */
export const topics: readonly string[] = [...fences, ...holes, ...guards, ...gates, ...boot, ...limits];
