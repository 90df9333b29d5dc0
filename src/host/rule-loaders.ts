import { tryRead } from '../errors.ts';
import { parseLoader } from './parse-loader.ts';

/** The files of this host, or of a folder that stands for one. */
export interface HostFiles {
  /** Undefined when there is none; throws GeofenceError when it cannot be read. */
  readonly readText: (path: string) => Promise<string | undefined>;
  /** None when it is not there or may not be looked into. */
  readonly listFolder: (path: string) => Promise<readonly string[]>;
}

/**
 * Where a script of ours runs before saved rules are loaded, on a host without systemd. `netfilter-persistent`: as its
 * first plugin. `ifupdown`: before the others that bring a network interface up. `openrc`: as a service of the boot.
 */
export type BootHook = 'netfilter-persistent' | 'ifupdown' | 'openrc';

/** What is at such a place once ours is installed; of OpenRC the link by which the service is enabled. */
export const bootHookPaths: Readonly<Record<BootHook, string>> = {
  'netfilter-persistent': '/usr/share/netfilter-persistent/plugins.d/05-geofence',
  ifupdown: '/etc/network/if-pre-up.d/00geofence',
  openrc: '/etc/runlevels/boot/geofence-sets',
};

/** What of a host without systemd loads saved rules at boot. */
export interface RuleLoaders {
  /** Where a script of ours would be before it; not where each script that loads rules makes our sets itself. */
  readonly hooks: readonly BootHook[];
  /** Files that load rules where no script of ours comes before, and that do not make our sets themselves. */
  readonly others: readonly string[];
  /** Whether a script of theirs makes our sets before it loads rules. */
  readonly makesSets: boolean;
  /** Files that rules are loaded from. */
  readonly rulesets: readonly string[];
}

const PLUGINS = '/usr/share/netfilter-persistent/plugins.d';
const IF_UP = ['/etc/network/if-pre-up.d', '/etc/network/if-up.d'];
const RUNLEVELS = '/etc/runlevels';

/** Files in which people load rules; the scripts of folders below. */
const scripts = ['/etc/rc.local', '/etc/rc.firewall', '/etc/rc.d/rc.local', '/etc/rc.d/rc.firewall'];
const interfaces = '/etc/network/interfaces';
const services = '/etc/init.d';

/** Looks for what loads saved rules at boot on a host without systemd; what cannot be read counts as nothing. */
export async function findRuleLoaders(host: HostFiles): Promise<RuleLoaders> {
  const inFolder = async (folder: string): Promise<string[]> =>
    (await host.listFolder(folder))
      .filter((name) => !/geofence/.test(name))
      .map((name) => `${folder}/${name}`);
  const isOpenRc = (await host.listFolder(RUNLEVELS)).length > 0;
  const ifUp = await loadersAmong(host, (await Promise.all(IF_UP.map(inFolder))).flat());
  const others = await loadersAmong(host, [
    ...scripts,
    interfaces,
    ...(await inFolder(`${interfaces}.d`)),
    ...(await inFolder(services)),
  ]);
  const hooks: BootHook[] = [
    ...((await inFolder(PLUGINS)).length > 0 ? (['netfilter-persistent'] as const) : []),
    ...(ifUp.some(({ hasSets }) => !hasSets) && !isOpenRc ? (['ifupdown'] as const) : []),
    ...(isOpenRc ? (['openrc'] as const) : []),
  ];
  return {
    hooks,
    // OpenRC starts ours before whatever uses the network, or comes after.
    others: isOpenRc ? [] : others.filter(({ hasSets }) => !hasSets).map(({ path }) => path),
    makesSets: [...ifUp, ...others].some(({ hasSets }) => hasSets),
    rulesets: [...ifUp, ...others].flatMap(({ files }) => files),
  };
}

interface FoundLoader {
  readonly path: string;
  readonly hasSets: boolean;
  readonly files: readonly string[];
}

async function loadersAmong({ readText }: HostFiles, paths: readonly string[]): Promise<FoundLoader[]> {
  const texts = await Promise.all(paths.map(async (path) => (await tryRead(readText(path))) ?? ''));
  return texts.flatMap((text, i) => {
    const loader = parseLoader(text);
    return loader === undefined ? [] : { path: paths[i]!, ...loader };
  });
}
