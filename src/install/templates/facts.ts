import { hostFolders } from '../../config/folders.ts';
import { exitCodes } from '../../errors.ts';

/** What the manual knows besides the command tree. */

const meanings: Record<keyof typeof exitCodes, string> = {
  done: 'Done, or nothing to do.',
  failed: 'Failed; the firewall is as it was.',
  usage: 'Wrong usage or configuration.',
  drift: 'Of status: something is not as it should be.',
  refused: 'Refused by a guard.',
  locked: 'Another run holds the lock; try again later.',
};

export const exitStatus: readonly (readonly [code: string, meaning: string])[] = Object.entries(
  exitCodes,
).map(([name, code]) => [String(code), meanings[name as keyof typeof exitCodes]]);

/** Variables, and what they stand for. */
export const environment: readonly (readonly [name: string, meaning: string])[] = [
  [
    'ALLOWSUBNET',
    'Addresses and networks that always get in, separated by spaces or commas (allow_subnets).',
  ],
  ['MAXZONEAGE', 'The age in days from which zones are asked for again (max_zone_age_days).'],
  ['GEOFENCE_CACHE_DIR', 'Where zones are kept (cache_dir).'],
  ['GEOFENCE_STATE_DIR', 'Where the policy and the former fence are remembered (state_dir).'],
  ['GEOFENCE_CONFIG', 'The configuration file.'],
  ['GEOFENCE_MIRROR', "A base URL with ipdeny's layout, in place of ipdeny's (mirror)."],
  [
    'GEOFENCE_JITTER_SECONDS',
    'Of the weekly job of cron: it starts some time within so many seconds (1200).',
  ],
  ['GEOFENCE_CRON_LOCK', 'Of the weekly job of cron: its lock (/run/lock/geofence-weekly.lock).'],
  ['HTTPS_PROXY, HTTP_PROXY, NO_PROXY', 'Through which proxy zones are fetched, and where without.'],
];

export const files: readonly (readonly [path: string, meaning: string])[] = [
  ['/etc/geofence/geofence.toml', 'The configuration.'],
  [hostFolders.cache, 'The zones that were fetched. Deleted, they are fetched again.'],
  [hostFolders.state, 'The policy of the last refresh, and the fence that rollback goes back to.'],
  [
    '/etc/systemd/system/geofence*',
    'The units of systemd; changes of your own go into "systemctl edit UNIT".',
  ],
  ['/etc/cron.weekly/geofence', 'The weekly job, where systemd does not run.'],
  [
    '/etc/rc.firewall.local',
    'Of the firewall script of the host: lines between marks put the fence back whenever it ran.',
  ],
];
