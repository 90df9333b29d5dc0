import type { SetState } from './model.ts';

/** Every kernel object of ours starts with this, in the case its kind is written in; nothing else is ever touched. */
export const PREFIX = 'geofence';

/** The chain that decides about packets; others of ours begin with its name and a dash. */
export const ENTRY_CHAIN = PREFIX.toUpperCase();

/** Whether a set of this name is ours: "geofence-main-allow-4". */
export const isOurSet = (name: string): boolean => name.startsWith(`${PREFIX}-`);

/**
 * Whether the plan owns the content of the set with this name ("geofence-main-allow-4", "geofence-escape-6"); entries
 * of all other sets of ours come and go while the system runs.
 */
export const isOfPlan = (name: string): boolean =>
  /^geofence-[^.]+-(?:allow|deny)-[46](?:\.alt)?$|^geofence-escape-[46]$/.test(name);

/** Whether a set of this name is that of a fence which keeps out whom it holds. */
export const isDenySet = (name: string): boolean => /-deny-[46]$/.test(name);

/**
 * Whether the plan owns the content of a set: it has one of the plan's names and is of networks. One of another kind
 * under such a name somebody else made; its entries are not ours to know.
 */
export const isPlanSet = ({ name, shape }: Pick<SetState, 'name' | 'shape'>): boolean =>
  shape.kind === 'networks' && isOfPlan(name);

/** Whether a chain of this name is ours: "GEOFENCE", or one that begins with "GEOFENCE-". */
export const isOurChain = (name: string): boolean =>
  name === ENTRY_CHAIN || name.startsWith(`${ENTRY_CHAIN}-`);
