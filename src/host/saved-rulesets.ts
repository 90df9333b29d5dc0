import { tryRead } from '../errors.ts';
import type { HostFiles } from './rule-loaders.ts';

/** A file with rules that are loaded at boot. */
export interface SavedRuleset {
  readonly path: string;
  readonly text: string;
}

/** Where distributions and their services keep rules to be loaded at boot. */
const paths: readonly string[] = [
  '/etc/iptables/rules.v4', // netfilter-persistent (Debian, Ubuntu)
  '/etc/iptables/rules.v6',
  '/etc/iptables/iptables.rules', // iptables.service (Arch)
  '/etc/iptables/ip6tables.rules',
  '/etc/iptables/rules-save', // Alpine
  '/etc/iptables/rules6-save',
  '/var/lib/iptables/rules-save', // Gentoo
  '/var/lib/ip6tables/rules-save',
  '/etc/sysconfig/iptables', // iptables.service (RHEL)
  '/etc/sysconfig/ip6tables',
  '/etc/iptables.rules', // by hand, as many instructions have it
  '/etc/iptables.up.rules',
  '/etc/nftables.conf',
  '/etc/sysconfig/nftables.conf', // RHEL
  '/etc/nftables.nft', // Alpine
];

/**
 * Returns the rules that this host loads at boot, from the files where distributions keep them and those of `more`; a
 * file that cannot be read is left out.
 */
export async function readSavedRulesets(
  { readText }: Pick<HostFiles, 'readText'>,
  more: readonly string[] = [],
): Promise<SavedRuleset[]> {
  const texts = await Promise.all(
    [...new Set([...paths, ...more])].map(async (path) => ({ path, text: await tryRead(readText(path)) })),
  );
  return texts.flatMap(({ path, text }) => (text === undefined ? [] : { path, text }));
}
