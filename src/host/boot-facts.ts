import { basename, dirname } from 'node:path';
import type { BootHook, HostFiles, RuleLoaders } from './rule-loaders.ts';
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
  /** Whether systemd starts our unit at boot, which makes our sets before any service loads rules. */
  readonly hasUnit: boolean;
  /** Those of the loaders' hooks that have our script. */
  readonly hooked: readonly BootHook[];
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
    hasUnit: isSystemd && enabled.includes('geofence-sets.service'),
    hooked: await hookedAmong(host, loaders.hooks),
  };
}

/** Tells whether our sets are there before the next boot loads saved rules, which may name them. */
export function setsComeFirst({ isSystemd, hasUnit, hooked, loaders }: BootFacts): boolean {
  if (hasUnit) return true;
  const { hooks, others, makesSets } = loaders;
  if (others.length > 0) return false;
  // Services of systemd load rules before a script such as rc.local makes the sets.
  return hooks.length === 0 ? makesSets && !isSystemd : hooks.every((hook) => hooked.includes(hook));
}

async function hookedAmong({ listFolder }: HostFiles, hooks: readonly BootHook[]): Promise<BootHook[]> {
  const found = await Promise.all(
    hooks.map(async (hook) => {
      const path = bootHookPaths[hook];
      return (await listFolder(dirname(path))).includes(basename(path)) ? [hook] : [];
    }),
  );
  return found.flat();
}
