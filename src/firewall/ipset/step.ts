import type { Family } from '../../ip/family.ts';
import type { ChunkedText } from '../../words/chunked-text.ts';

/** A text for one of the kernel's tools, or entries that go from one set to another. */
export type Step =
  | { readonly tool: 'ipset'; readonly input: ChunkedText }
  | { readonly tool: 'iptables'; readonly family: Family; readonly input: ChunkedText }
  | { readonly tool: 'copy'; readonly from: string; readonly to: string };

/** A text for `ipset restore`. */
export type IpsetStep = Extract<Step, { tool: 'ipset' }>;
