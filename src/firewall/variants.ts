/** Which of the two iptables is meant: the one the host's `iptables` stands for, or one by name. */
export const variants = ['auto', 'nft', 'legacy'] as const;

export type Variant = (typeof variants)[number];

/** Which of the two a host's tools turn out to be. */
export type EffectiveVariant = Exclude<Variant, 'auto'>;
