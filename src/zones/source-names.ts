/** The publishers of zones, by the names that people use for them, the usual one first. */
export const sourceNames = ['ipdeny', 'ipverse'] as const;
export type SourceName = (typeof sourceNames)[number];
