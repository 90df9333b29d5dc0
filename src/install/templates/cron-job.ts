import { markLine } from '../mark.ts';

/** The folders of a PATH in which geofence is found. */
export const binFolders = (prefix: string): string[] => [`${prefix}/sbin`, `${prefix}/bin`];

/** The weekly job of cron, a script; `prefix` is a folder such as /usr/local. */
export const weeklyJob = (prefix: string): string => `#!/bin/sh
${markLine('#')}
# Weekly refresh of the country fence. Its name in /etc/cron.weekly must have no dot: run-parts(8) passes those over.
#
# It says nothing when all went well, so cron sends no mail; anything it prints is worth reading.

# cron's own PATH lacks the sbin folders.
PATH=${[...new Set([...binFolders(prefix), '/usr/sbin', '/usr/bin', '/sbin', '/bin'])].join(':')}
export PATH

command -v geofence >/dev/null || {
    echo "geofence is not in $PATH" >&2
    exit 127
}

# ipdeny is busiest at round hours: start some time within 20 minutes.
jitter=\${GEOFENCE_JITTER_SECONDS:-1200}
sleep "$(($(od -An -N2 -tu2 /dev/urandom) % (jitter + 1)))"

# The kernel's lock dies with its process, so a crash never blocks the next week. Whoever can open the file could hold
# the lock: only root can.
lock=\${GEOFENCE_CRON_LOCK:-/run/geofence-weekly.lock}
(umask 077 && : >>"$lock") || exit 1
exec 9<"$lock"
flock -n 9 || {
    echo "geofence: the weekly refresh did not start, for the one before still holds $lock" >&2
    exit 75
}
geofence refresh --quiet --wait 300
`;

/**
 * What the last lines of a firewall script should be, for a block in somebody's file; `prefix` is a folder such as
 * /usr/local.
 */
export const firewallLines = (
  prefix: string,
): string => `# Puts the country fence back whenever the firewall was started or flushed.
# Needs no network, and may run any number of times.
PATH=$PATH:${binFolders(prefix).join(':')} geofence restore --quiet --wait 60 ||
    logger -s -p daemon.err -t geofence "the country fence could not be put back, see: geofence status"
`;
