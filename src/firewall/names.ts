/** Every kernel object of ours starts with this, in the case its kind is written in; nothing else is ever touched. */
export const PREFIX = 'geofence';

/** The chain that decides about packets; others of ours begin with its name and a dash. */
export const ENTRY_CHAIN = PREFIX.toUpperCase();

export const isOurSet = (name: string): boolean => name.startsWith(`${PREFIX}-`);

/**
 * Whether the plan owns what a set holds, by its name: "geofence-main-allow-4", "geofence-escape-6". Entries of all
 * others come and go while the system runs.
 */
export const isOfPlan = (name: string): boolean =>
  /^geofence-[^.]+-(?:allow|deny)-[46]$|^geofence-escape-[46]$/.test(name);

export const isOurChain = (name: string): boolean =>
  name === ENTRY_CHAIN || name.startsWith(`${ENTRY_CHAIN}-`);
