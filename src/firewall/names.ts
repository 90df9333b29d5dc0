import type { Family } from '../ip/family.ts';
import { families } from '../ip/family.ts';
import type { Fence } from '../policy/policy.ts';

/** Every kernel object of ours starts with this, in the case its kind is written in; nothing else is ever touched. */
const PREFIX = 'geofence';

/**
 * The tables we write to. `mangle` holds the fence; `raw`, before connection tracking, drops early what the fence would
 * drop after it, and decides nothing else.
 */
export const tables = ['mangle', 'raw'] as const;
export type Table = (typeof tables)[number];

/** In it they see what is for the host, what is forwarded and what is published, before any NAT. */
export const HOOK = 'PREROUTING';

export const ENTRY_CHAIN = PREFIX.toUpperCase();
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

/** The set that is filled beside the one in use, then swapped with it. */
export const newSet = (name: string): string => `${name}.new`;
export const isNewSet = (name: string): boolean => name.endsWith('.new');

export const isOurSet = (name: string): boolean => name.startsWith(`${PREFIX}-`);
export const isOurChain = (name: string): boolean =>
  name === ENTRY_CHAIN || name.startsWith(`${ENTRY_CHAIN}-`);
