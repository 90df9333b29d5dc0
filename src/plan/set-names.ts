import { PREFIX } from '../firewall/names.ts';
import type { Family } from '../ip/family.ts';
import type { Fence } from '../policy/policy.ts';

/**
 * The name carries the mode: a switch from allow to deny fills sets of its own, so the content of a set never
 * contradicts the rule that looks at it.
 */
export const fenceSet = (fence: Fence, family: Family): string =>
  `${PREFIX}-${fence.name}-${fence.mode}-${family.version}`;

/** The set of escapes that rules of earlier versions look at. */
export const escapeSet = (family: Family): string => `${PREFIX}-escape-${family.version}`;
