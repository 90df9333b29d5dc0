import type { Family } from '../../ip/family.ts';
import { ipv4 } from '../../ip/family.ts';
import type { Variant } from '../variants.ts';

/** The name of a tool: "iptables-restore", "ip6tables-legacy-save"; without the variant for `auto`. */
export function toolName(family: Family, variant: Variant, verb: 'save' | 'restore'): string {
  const program = family === ipv4 ? 'iptables' : 'ip6tables';
  return [program, ...(variant === 'auto' ? [] : [variant]), verb].join('-');
}

/** What `iptables-restore` gets besides the text; it waits for others that hold the lock of iptables-legacy. */
export const restoreArgs = ['--noflush', '--wait', '30'] as const;
