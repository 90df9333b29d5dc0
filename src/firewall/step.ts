import type { Family } from '../ip/family.ts';

/** A text for one of the kernel's tools. */
export type Step =
  | { readonly tool: 'ipset'; readonly input: string }
  | { readonly tool: 'iptables'; readonly family: Family; readonly input: string };
