import type { Family } from '../../ip/family.ts';
import type { Text } from '../../words/chunked-text.ts';

/** A text for one of the kernel's tools. */
export type Step =
  | { readonly tool: 'ipset'; readonly input: Text }
  | { readonly tool: 'iptables'; readonly family: Family; readonly input: Text };
