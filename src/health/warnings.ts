import { intersect, isEmpty } from '../ip/bounds.ts';
import type { Family } from '../ip/family.ts';
import type { Policy } from '../policy/policy.ts';
import type { Advice } from '../report/status.ts';
import { localBounds } from '../zones/local.ts';

/**
 * Returns warnings about a policy that is in force as stated, but may not be meant: an allow fence with --no-local on a
 * host that forwards a fenced family (`forwarded`).
 */
export function findWarnings(policy: Policy | undefined, forwarded: readonly Family[]): Advice[] {
  if (policy?.fences.some(({ mode }) => mode === 'allow') !== true) return [];
  return (
    forwarded
      .filter((family) => policy.families.includes(family))
      // Without --no-local they are escapes; somebody who lets some in by name has thought of it.
      .filter((family) => isEmpty(intersect(policy.escapes.get(family)!, localBounds(family))))
      .map(({ label }) => ({
        message: `this host forwards ${label}, and --no-local drops new connections from the LANs and containers behind it`,
        remedy: 'let them in with --allow-subnet, or leave --no-local out',
      }))
  );
}
