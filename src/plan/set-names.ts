import { PREFIX } from '../firewall/names.ts';
import type { Family } from '../ip/family.ts';
import type { Fence } from '../policy/policy.ts';

/**
 * The name of a fence's set in a family: "geofence-main-allow-4". It carries the mode, so that a switch from allow to
 * deny fills another set, and the content of a set never contradicts the rule that looks at it.
 */
export const fenceSet = (fence: Fence, family: Family): string =>
  `${PREFIX}-${fence.name}-${fence.mode}-${family.version}`;

/** The name of a family's set of escapes, which rules of earlier versions look at: "geofence-escape-4". */
export const escapeSet = (family: Family): string => `${PREFIX}-escape-${family.version}`;

/** The name of a family's set of connections that were open when its fence came up: "geofence-established-4". */
export const establishedSet = (family: Family): string => `${PREFIX}-established-${family.version}`;

/**
 * The name of a family's set that holds every address for a while when its fence comes up, then nothing:
 * "geofence-grace-4".
 */
export const graceSet = (family: Family): string => `${PREFIX}-grace-${family.version}`;

/** The name of the set of ports that are open to everybody for a while: "geofence-hole-tcp". */
export const holePortSet = (protocol: 'tcp' | 'udp'): string => `${PREFIX}-hole-${protocol}`;

/** The name of a family's set of addresses that get in everywhere for a while: "geofence-hole-from-4". */
export const holeSourceSet = (family: Family): string => `${PREFIX}-hole-from-${family.version}`;
