import { tryRead } from '../errors.ts';

/** Where distributions and their services keep rules to be loaded at boot. */
const paths: readonly string[] = [
  '/etc/iptables/rules.v4', // netfilter-persistent (Debian, Ubuntu)
  '/etc/iptables/rules.v6',
  '/etc/iptables/iptables.rules', // iptables.service (Arch)
  '/etc/iptables/ip6tables.rules',
  '/etc/iptables/rules-save', // Alpine
  '/etc/iptables/rules6-save',
  '/etc/sysconfig/iptables', // iptables.service (RHEL)
  '/etc/sysconfig/ip6tables',
  '/etc/nftables.conf',
];

/**
 * Returns the rules that this host loads at boot as one text, from the files where distributions keep them, whatever
 * their format; a file that cannot be read is left out.
 */
export async function readSavedRulesets(
  readText: (path: string) => Promise<string | undefined>,
): Promise<string> {
  const texts = await Promise.all(paths.map(async (path) => await tryRead(readText(path))));
  return texts.filter((text) => text !== undefined).join('\n');
}
