import { hostFolders } from '../../config/folders.ts';
import { markLine } from '../mark.ts';

/** Of both kinds of service: what neither the network nor the firewall needs. */
const confinement = `NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
PrivateMounts=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
KeyringMode=private
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM
AmbientCapabilities=
UMask=0022`;

const unprivileged = `# A user of its own, that exists only while this runs, and has no power at all.
DynamicUser=yes
PrivateUsers=yes
CapabilityBoundingSet=
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
${confinement}
SystemCallFilter=~@privileged`;

const privileged = `# Of root's powers only those of the firewall tools.
CapabilityBoundingSet=CAP_NET_ADMIN CAP_NET_RAW
# Netlink for the tools, raw IPv4 and IPv6 sockets for iptables-legacy; packets go nowhere.
RestrictAddressFamilies=AF_UNIX AF_NETLINK AF_INET AF_INET6
IPAddressDeny=any
# /run for the lock of iptables-legacy.
ReadWritePaths=/run
${confinement}`;

const DOCUMENTATION = 'Documentation=https://github.com/geofence/geofence';
const FOLDERS = `RequiresMountsFor=${hostFolders.cache} ${hostFolders.state}`;

/** Whatever loads saved rules, and flushes what was there before. */
const firewalls =
  'netfilter-persistent.service iptables.service ip6tables.service nftables.service ufw.service firewalld.service';

const setsUnit = (
  program: string,
): string => `# Early boot: creates the sets that saved firewall rules may name. Without them \`iptables-restore\` refuses the whole
# saved ruleset, and the host comes up without any firewall. Needs no network.
[Unit]
Description=Sets of the country fence
${DOCUMENTATION}
DefaultDependencies=no
After=local-fs.target systemd-modules-load.service
Before=network-pre.target ${firewalls} shutdown.target
Wants=network-pre.target
Conflicts=shutdown.target
${FOLDERS}
# Nothing to do until the first refresh.
ConditionDirectoryNotEmpty=${hostFolders.cache}

[Service]
Type=oneshot
TimeoutStartSec=2min
RemainAfterExit=yes
ExecStart=${program} restore --sets-only --quiet --wait 60
StateDirectory=geofence

${privileged}

[Install]
WantedBy=sysinit.target
`;

const restoreUnit = (
  program: string,
): string => `# Puts the fence back at boot, and again whenever one of these firewalls is restarted. Needs no network.
[Unit]
Description=Country fence
${DOCUMENTATION}
DefaultDependencies=no
After=local-fs.target geofence-sets.service ${firewalls}
Before=network-pre.target shutdown.target
Wants=geofence-sets.service network-pre.target
Conflicts=shutdown.target
${FOLDERS}
ConditionDirectoryNotEmpty=${hostFolders.cache}
# Each restart of one of them starts this: without a limit, however fast they follow.
StartLimitIntervalSec=0

[Service]
Type=oneshot
TimeoutStartSec=2min
ExecStart=${program} restore --quiet --wait 60
StateDirectory=geofence

${privileged}

[Install]
# Each start and restart of one of them starts this too, for it never stays active. PartOf= would stop it with one that
# another conflicts with: systemd refuses a restart of firewalld, which conflicts with iptables.service, for that.
WantedBy=multi-user.target ${firewalls}
`;

const fetchUnit = (
  program: string,
): string => `# The part that talks to the network: it may write the cache, and nothing else.
[Unit]
Description=Fetch of country zones
${DOCUMENTATION}
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
ExecStart=${program} fetch --quiet --wait 60
CacheDirectory=geofence
CacheDirectoryMode=0755
TimeoutStartSec=10min

${unprivileged}
`;

const refreshUnit = (
  program: string,
): string => `# What needs the privilege to change the firewall, after what needs the network: never both in one process.
[Unit]
Description=Refresh of the country fence
${DOCUMENTATION}
# Wants, not Requires: when fetching fails, zones that are getting old are still a fence.
Wants=geofence-fetch.service
After=geofence-fetch.service geofence.service
${FOLDERS}

[Service]
Type=oneshot
TimeoutStartSec=2min
ExecStart=${program} refresh --offline --quiet --wait 60
StateDirectory=geofence

${privileged}
`;

const refreshTimer = `[Unit]
Description=Weekly refresh of the country fence
${DOCUMENTATION}

[Timer]
OnCalendar=weekly
# The source is busiest at round hours, and many hosts have this timer.
RandomizedDelaySec=6h
# A host that was off catches up.
Persistent=yes

[Install]
WantedBy=timers.target
`;

/** The texts of systemd's units, by name; `program` is the path of geofence. */
export const systemdUnits = (program: string): ReadonlyMap<string, string> =>
  new Map(
    Object.entries({
      'geofence-sets.service': setsUnit(program),
      'geofence.service': restoreUnit(program),
      'geofence-fetch.service': fetchUnit(program),
      'geofence-refresh.service': refreshUnit(program),
      'geofence-refresh.timer': refreshTimer,
    }).map(([name, text]) => [name, `${markLine('#')}\n${text}`]),
  );
