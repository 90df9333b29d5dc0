import { block } from './block.ts';
import { firewallLines, weeklyJob } from './cron-job.ts';
import { systemdUnits } from './units.ts';

/** What runs geofence every week and at boot; `none` for somebody who sees to that. */
export const schedules = ['systemd', 'cron', 'none'] as const;
export type Schedule = (typeof schedules)[number];

/**
 * What a file is to us: `whole`: made by us alone; `service`: likewise, but somebody may have edited it; `block`:
 * somebody's file with lines of ours between marks; `settings`: theirs from the day we wrote it.
 */
export type FileKind = 'whole' | 'service' | 'block' | 'settings';

export interface InstalledFile {
  readonly path: string;
  readonly mode: number;
  /** Without a newline at the end for a block. */
  readonly text: string;
  readonly kind: FileKind;
  /** The schedule it is of; undefined for what is there with any. */
  readonly schedule?: Exclude<Schedule, 'none'>;
}

/** Folders of our own, for which nobody else has a use. */
export const ownFolders = ['/etc/geofence', '/var/cache/geofence', '/var/lib/geofence'] as const;

/** What differs between hosts and versions. */
export interface Parts {
  /** Such as /usr/local. */
  readonly prefix: string;
  /** The texts of the program and of what is made from its command tree. */
  readonly program: string;
  readonly manual: string;
  readonly completions: Readonly<Record<'bash' | 'zsh' | 'fish', string>>;
  readonly settings: string;
}

export const programPath = (prefix: string): string => `${prefix}/bin/geofence`;

/** The program alone. */
export const programFile = (prefix: string, text: string): InstalledFile => ({
  path: programPath(prefix),
  mode: 0o755,
  text,
  kind: 'whole',
});

/** The files of both schedules. */
export const scheduleFiles = (prefix: string): InstalledFile[] => [
  ...[...systemdUnits(programPath(prefix))].map(([name, text]): InstalledFile => ({
    path: `/etc/systemd/system/${name}`,
    mode: 0o644,
    text,
    kind: 'service',
    schedule: 'systemd',
  })),
  {
    path: '/etc/cron.weekly/geofence',
    mode: 0o755,
    text: weeklyJob(prefix),
    kind: 'service',
    schedule: 'cron',
  },
  {
    path: '/etc/rc.firewall.local',
    mode: 0o755,
    text: block(firewallLines(prefix)),
    kind: 'block',
    schedule: 'cron',
  },
];

/** Everything that is installed, whatever the schedule. Shown, written, compared and removed from this one list. */
export function installation({ prefix, program, manual, completions, settings }: Parts): InstalledFile[] {
  const shared = (path: string, text: string): InstalledFile => ({
    path: `${prefix}/share/${path}`,
    mode: 0o644,
    text,
    kind: 'whole',
  });
  return [
    programFile(prefix, program),
    shared('man/man8/geofence.8', manual),
    shared('bash-completion/completions/geofence', completions.bash),
    shared('zsh/site-functions/_geofence', completions.zsh),
    shared('fish/vendor_completions.d/geofence.fish', completions.fish),
    { path: '/etc/geofence/geofence.toml', mode: 0o644, text: settings, kind: 'settings' },
    ...scheduleFiles(prefix),
  ];
}
