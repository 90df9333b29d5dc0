import { ENTRY_CHAIN, PREFIX } from '../firewall/names.ts';
import type { Family } from '../ip/family.ts';
import { families } from '../ip/family.ts';
import type { Fence } from '../policy/policy.ts';

export const DROP_CHAIN = `${ENTRY_CHAIN}-DROP`;
export const fenceChain = (fence: Fence): string => `${ENTRY_CHAIN}-${fence.name}`;

/**
 * The name carries the mode: a switch from allow to deny fills sets of its own, so the content of a set never
 * contradicts the rule that looks at it.
 */
export const fenceSet = (fence: Fence, family: Family): string =>
  `${PREFIX}-${fence.name}-${fence.mode}-${family.version}`;
export const escapeSet = (family: Family): string => `${PREFIX}-escape-${family.version}`;
export const isEscapeSet = (name: string): boolean => families.some((family) => escapeSet(family) === name);
