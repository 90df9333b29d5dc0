import { hostFolders } from '../config/folders.ts';
import { block } from './block.ts';
import { firewallLines, weeklyJob } from './templates/cron-job.ts';
import type { Schedule } from './schedules.ts';
import { systemdUnits } from './templates/units.ts';

/**
 * What a file is to us: `whole`: made by us alone; `service`: likewise, but somebody may have edited it; `block`:
 * somebody's file with lines of ours between marks; `settings`: theirs from the day we wrote it.
 */
type FileKind = 'whole' | 'service' | 'block' | 'settings';

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
export const ownFolders: readonly string[] = ['/etc/geofence', hostFolders.cache, hostFolders.state];

/** What differs between hosts and versions. */
export interface Artifacts {
  /** Undefined where npm has put it already, who takes it away again. */
  readonly program: string | undefined;
  /** Made from the command tree. */
  readonly manual: string;
  readonly completions: Readonly<Record<'bash' | 'zsh' | 'fish', string>>;
  readonly settings: string;
}

export const programPath = (prefix: string): string => `${prefix}/bin/geofence`;

const programFiles = (prefix: string, text: string | undefined): InstalledFile[] =>
  text === undefined ? [] : [{ path: programPath(prefix), mode: 0o755, text, kind: 'whole' }];

/** What runs geofence, of both schedules. */
export const serviceFiles = (prefix: string): InstalledFile[] => [
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

/** The same, and the program that it starts. */
export const scheduleFiles = (prefix: string, program: string | undefined): InstalledFile[] => [
  ...programFiles(prefix, program),
  ...serviceFiles(prefix),
];

/**
 * Everything that is installed, whatever the schedule: shown, written, compared and removed from this one list. `prefix`
 * is a folder such as /usr/local.
 */
export function installation(prefix: string, parts: Artifacts): InstalledFile[] {
  const { program, manual, completions, settings } = parts;
  const shared = (path: string, text: string): InstalledFile => ({
    path: `${prefix}/share/${path}`,
    mode: 0o644,
    text,
    kind: 'whole',
  });
  return [
    ...programFiles(prefix, program),
    shared('man/man8/geofence.8', manual),
    shared('bash-completion/completions/geofence', completions.bash),
    shared('zsh/site-functions/_geofence', completions.zsh),
    shared('fish/vendor_completions.d/geofence.fish', completions.fish),
    { path: '/etc/geofence/geofence.toml', mode: 0o644, text: settings, kind: 'settings' },
    ...serviceFiles(prefix),
  ];
}
