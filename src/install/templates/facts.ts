import { hostFolders } from '../../config/folders.ts';
import { settingRows } from '../../config/settings.ts';
import { exitCodes } from '../../errors.ts';

/** What the manual knows besides the command tree. */

const meanings: Record<keyof typeof exitCodes, string> = {
  done: 'Done, or nothing to do.',
  failed: 'Failed; the firewall is as it was, or the message says what holds now.',
  usage: 'Wrong usage or configuration.',
  drift:
    'Of status: something is not as it should be. Of refresh: the fence is in force, and could not be remembered.',
  refused: 'Refused by a guard.',
  locked: 'Another run holds the lock; try again later.',
};

/** The exit codes, and what they stand for. */
export const exitStatus: readonly (readonly [code: string, meaning: string])[] = Object.entries(
  exitCodes,
).map(([name, code]) => [String(code), meanings[name as keyof typeof exitCodes]]);

/** Variables of settings, and what they stand for. */
const settingVariables = settingRows.flatMap(([name, { variable, value, comment }]): [string, string][] => {
  const separated = value.is === 'words' ? ', separated by spaces or commas' : '';
  return variable === undefined ? [] : [[variable, `${comment.replace(/\.$/, '')}${separated} (${name}).`]];
});

/** The environment variables that geofence reads, and what they stand for. */
export const environment: readonly (readonly [name: string, meaning: string])[] = [
  ...settingVariables,
  ['GEOFENCE_CONFIG', 'The configuration file.'],
  [
    'GEOFENCE_JITTER_SECONDS',
    'Of the weekly job of cron: it starts some time within so many seconds (1200).',
  ],
  ['GEOFENCE_CRON_LOCK', 'Of the weekly job of cron: its lock (/run/geofence-weekly.lock).'],
  ['HTTPS_PROXY, HTTP_PROXY, NO_PROXY', 'Through which proxy zones are fetched, and where without.'],
];

/** Paths of the host that geofence has something to do with, and what is there. */
export const files: readonly (readonly [path: string, meaning: string])[] = [
  ['/etc/geofence/geofence.toml', 'The configuration. It is yours: geofence never edits it.'],
  [
    '/etc/geofence/fences.d/main.toml',
    'Whom the fence lets in or keeps out, as "geofence init" was told: allow or deny.',
  ],
  [
    '/etc/geofence/escapes.toml',
    'Addresses and networks that always get in: tables [[escape]] with cidr, and at will note and until, a time after which it counts no more.',
  ],
  ['/etc/geofence/settings.toml', 'The other settings that "geofence init" was told.'],
  [hostFolders.cache, 'The zones that were fetched. Deleted, they are fetched again.'],
  [hostFolders.state, 'The policy of the last refresh, and the fence that rollback goes back to.'],
  [
    '/etc/systemd/system/geofence*',
    'The units of systemd; changes of your own go into "systemctl edit UNIT".',
  ],
  ['/etc/cron.weekly/geofence', 'The weekly job, where systemd does not run.'],
  [
    '/usr/share/netfilter-persistent/plugins.d/05-geofence, /etc/network/if-pre-up.d/00geofence, /etc/init.d/geofence-sets',
    'Where systemd does not run: makes the sets that saved rules may name, before netfilter-persistent, ifupdown or OpenRC loads those. Only where the host has it.',
  ],
  [
    '/etc/rc.firewall.local',
    'Of the firewall script of the host: lines between marks put the fence back whenever it ran.',
  ],
];
