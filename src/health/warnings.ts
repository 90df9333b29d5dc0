import { intersect, isEmpty } from '../ip/bounds.ts';
import type { Family } from '../ip/family.ts';
import { ipv4, ipv6 } from '../ip/family.ts';
import type { Policy } from '../policy/policy.ts';
import type { Advice } from '../report/status.ts';
import type { System } from '../system/system.ts';
import { localBounds } from '../zones/local.ts';
import { tryRead } from '../apply/commit-confirm.ts';

const forwarding: readonly (readonly [Family, string])[] = [
  [ipv4, '/proc/sys/net/ipv4/ip_forward'],
  [ipv6, '/proc/sys/net/ipv6/conf/all/forwarding'],
];

/** What is as the policy says, but may not be meant. */
export async function findWarnings({ readText }: System, policy: Policy | undefined): Promise<Advice[]> {
  if (policy?.fences.some(({ mode }) => mode === 'allow') !== true) return [];
  const warnings = [];
  for (const [family, path] of forwarding) {
    if (!policy.families.includes(family) || (await tryRead(readText(path)))?.trim() !== '1') continue;
    // Without --no-local they are escapes; somebody who lets some in by name has thought of it.
    if (!isEmpty(intersect(policy.escapes.get(family)!, localBounds(family)))) continue;
    const message = `this host forwards ${family.label}, and --no-local drops new connections from the LANs and containers behind it`;
    warnings.push({ message, remedy: 'let them in with --allow-subnet, or leave --no-local out' });
  }
  return warnings;
}
