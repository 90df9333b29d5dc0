import { hostFolders } from '../../config/folders.ts';
import { markLine } from '../mark.ts';
import { binFolders } from './cron-job.ts';

const REASON = `# Makes the sets that saved firewall rules may name, before they are loaded. Without them \`iptables-restore\` refuses the
# whole saved ruleset, and the host comes up without any firewall. Needs no network.`;

/** Whether there are zones; without them, before the first refresh, there is nothing to make sets of. */
const HAS_ZONES = `[ -n "$(ls -A ${hostFolders.cache} 2>/dev/null)" ]`;

const command = (prefix: string): string =>
  `PATH=$PATH:${binFolders(prefix).join(':')} geofence restore --sets-only --quiet --wait 60`;

const FAILURE = `logger -s -p daemon.err -t geofence "the sets of the country fence could not be made, see: geofence status"`;

/** The plugin of netfilter-persistent(8), which calls all of them with start, save or flush; `prefix` is a folder. */
export const netfilterPlugin = (prefix: string): string => `#!/bin/sh
${markLine('#')}
${REASON}
[ "$1" = start ] || exit 0
${HAS_ZONES} || exit 0
${command(prefix)} || ${FAILURE}
exit 0
`;

/** The script that ifupdown runs before others when an interface comes up (interfaces(5)); `prefix` is a folder. */
export const ifUpScript = (prefix: string): string => `#!/bin/sh
${markLine('#')}
${REASON}
# Once, with the first interface (lo) or with all at once (ifup -a), and not again with each.
[ "$IFACE" = lo ] || [ "$IFACE" = --all ] || exit 0
${HAS_ZONES} || exit 0
${command(prefix)} || ${FAILURE}
exit 0
`;

/** The service of OpenRC, for the runlevel boot; `prefix` is a folder. */
export const openRcService = (prefix: string): string => `#!/sbin/openrc-run
${markLine('#')}
${REASON}

description="Sets of the country fence"

depend() {
    need localmount
    before net iptables ip6tables nftables firewall
}

start() {
    ${HAS_ZONES} || return 0
    ebegin "Making the sets of the country fence"
    ${command(prefix)}
    eend $?
}
`;
