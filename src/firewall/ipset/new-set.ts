const SUFFIX = '.new';

/** The set that is filled beside the one in use, then exchanged with it. */
export const newSet = (name: string): string => `${name}${SUFFIX}`;

/** Whether a set is one that a killed run left half made. */
export const isUnfinished = (name: string): boolean => name.endsWith(SUFFIX);
