/** Which of the two iptables is meant: the one the host's `iptables` stands for, or one by name. */
export const variants = ['auto', 'nft', 'legacy'] as const;
