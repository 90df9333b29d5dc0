import { basename, dirname } from 'node:path';
import type { HostFiles, RuleLoaders } from './rule-loaders.ts';
import { bootHookPaths, findRuleLoaders } from './rule-loaders.ts';
import type { SavedRuleset } from './saved-rulesets.ts';
import { readSavedRulesets } from './saved-rulesets.ts';

/** What of a host decides whether saved rules can be loaded at the next boot. */
export interface BootFacts {
  readonly isSystemd: boolean;
  readonly saved: readonly SavedRuleset[];
  readonly loaders: RuleLoaders;
  /** Whether a service loads the rules of nft at boot. */
  readonly isNftablesEnabled: boolean;
  /** Whether what we installed makes our sets before. */
  readonly hasSets: boolean;
}

/** Where `systemctl enable` of distributions and rc-update(8) put links to what is started at boot. */
const enabledFolders = [
  '/etc/systemd/system/sysinit.target.wants',
  '/etc/systemd/system/multi-user.target.wants',
  '/etc/systemd/system/network-pre.target.wants',
  '/etc/runlevels/boot',
  '/etc/runlevels/default',
];

/** Looks at what a host, with systemd or without, loads at boot; what cannot be read counts as nothing. */
export async function readBootFacts(host: HostFiles, isSystemd: boolean): Promise<BootFacts> {
  const loaders = await findRuleLoaders(host);
  const enabled = (
    await Promise.all(enabledFolders.map(async (folder) => await host.listFolder(folder)))
  ).flat();
  return {
    isSystemd,
    saved: await readSavedRulesets(host, loaders.rulesets),
    loaders,
    isNftablesEnabled: enabled.some((name) => /^nftables(?:\.service)?$/.test(name)),
    hasSets: (isSystemd && enabled.includes('geofence-sets.service')) || (await hasHooks(host, loaders)),
  };
}

async function hasHooks({ listFolder }: HostFiles, { hooks, others }: RuleLoaders): Promise<boolean> {
  if (hooks.length === 0 || others.length > 0) return false;
  for (const path of hooks.map((hook) => bootHookPaths[hook]))
    if (!(await listFolder(dirname(path))).includes(basename(path))) return false;
  return true;
}
