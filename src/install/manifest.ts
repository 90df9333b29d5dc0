import { hostFolders } from '../config/folders.ts';
import type { BootHook } from '../host/rule-loaders.ts';
import { bootHookPaths } from '../host/rule-loaders.ts';
import type { Scheduler } from './scheduler.ts';

/**
 * What a file is to us: `program`: of a folder that is ours; `whole`: made by us alone; `link`: a symbolic link, its
 * text where it leads to; `service`: like `whole`, but somebody may have edited it; `block`: somebody's file with lines
 * of ours between marks; `settings`: theirs from the day we wrote it.
 */
export type FileKind = 'program' | 'whole' | 'link' | 'service' | 'block' | 'settings';

/** A file that the build puts into dist/share, and where it goes. */
export interface Artifact {
  /** Below dist/share. */
  readonly source: string;
  /** With @PREFIX@ for a folder such as /usr/local; so in the text of the file, too. */
  readonly destination: string;
  readonly mode: number;
  readonly kind: Exclude<FileKind, 'program' | 'link'>;
  /** The schedule it is of; undefined for what is there with any. */
  readonly schedule?: Exclude<Scheduler, 'none'>;
  /** The place in the boot of a host without systemd it is for; installed only where the host has it. */
  readonly hook?: BootHook;
}

/** Stands for a folder such as /usr/local in the texts and paths that the build makes. */
export const PREFIX_PLACEHOLDER = '@PREFIX@';

const shared = (source: string, destination: string): Artifact => ({
  source,
  destination: `${PREFIX_PLACEHOLDER}/share/${destination}`,
  mode: 0o644,
  kind: 'whole',
});

const unit = (name: string): Artifact => ({
  source: `systemd/${name}`,
  destination: `/etc/systemd/system/${name}`,
  mode: 0o644,
  kind: 'service',
  schedule: 'systemd',
});

const hook = (name: string, place: BootHook, destination: string): Artifact => ({
  source: `boot/${name}`,
  destination,
  mode: 0o755,
  kind: 'service',
  schedule: 'cron',
  hook: place,
});

/** The service of OpenRC, which a link in a runlevel enables. */
export const OPENRC_SERVICE = '/etc/init.d/geofence-sets';

/**
 * What goes where: read by `install` and `uninstall`, and in dist/share/manifest.json by whoever makes a package. The
 * order is that in which it is shown and written.
 */
export const artifacts: readonly Artifact[] = [
  shared('man/man8/geofence.8', 'man/man8/geofence.8'),
  shared('completions/geofence.bash', 'bash-completion/completions/geofence'),
  shared('completions/_geofence', 'zsh/site-functions/_geofence'),
  shared('completions/geofence.fish', 'fish/vendor_completions.d/geofence.fish'),
  { source: 'geofence.toml', destination: '/etc/geofence/geofence.toml', mode: 0o644, kind: 'settings' },
  unit('geofence-sets.service'),
  unit('geofence.service'),
  unit('geofence-fetch.service'),
  unit('geofence-refresh.service'),
  unit('geofence-refresh.timer'),
  {
    source: 'cron/geofence.weekly',
    destination: '/etc/cron.weekly/geofence',
    mode: 0o755,
    kind: 'service',
    schedule: 'cron',
  },
  {
    source: 'cron/rc.firewall.local',
    destination: '/etc/rc.firewall.local',
    mode: 0o755,
    kind: 'block',
    schedule: 'cron',
  },
  hook('05-geofence', 'netfilter-persistent', bootHookPaths['netfilter-persistent']),
  hook('00geofence', 'ifupdown', bootHookPaths.ifupdown),
  hook('geofence-sets', 'openrc', OPENRC_SERVICE),
];

/** Where the files of the program go, dist/share with them; a link in a folder of PATH leads to its first file. */
const program = {
  destination: `${PREFIX_PLACEHOLDER}/lib/geofence`,
  entry: 'geofence.cjs',
  link: `${PREFIX_PLACEHOLDER}/bin/geofence`,
};

/** What dist/share/manifest.json says, for programs that make packages. */
export interface Manifest {
  /** Files of dist, the one that is started at the end: a new one is to find all of its parts. */
  readonly program: typeof program & { readonly files: readonly string[] };
  readonly artifacts: readonly Artifact[];
}

/** The manifest of a program of these files of dist, in the order of writing. */
export const manifestOf = (files: readonly string[]): Manifest => ({
  program: { ...program, files: [...files.filter((file) => file !== program.entry), program.entry] },
  artifacts,
});

/** A text or path of the build with the prefix, a folder such as /usr/local, in place of its placeholder. */
export const atPrefix = (text: string, prefix: string): string => text.replaceAll(PREFIX_PLACEHOLDER, prefix);

/** The path under which geofence is started; that of a link. */
export const programPath = (prefix: string): string => atPrefix(program.link, prefix);

/** The folder that the files of the program are in. */
export const programFolder = (prefix: string): string => atPrefix(program.destination, prefix);

/** The file that the link of the program leads to. */
export const entryPath = (prefix: string): string => `${programFolder(prefix)}/${program.entry}`;

/** Folders of our own, for which nobody else has a use. */
export const ownFolders: readonly string[] = ['/etc/geofence', hostFolders.cache, hostFolders.state];
