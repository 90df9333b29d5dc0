import type { Stage } from '../model.ts';
import { INPUT_HOOK } from '../model.ts';

/** The tables that carry the stages: `raw` comes before connection tracking (priority -300), `mangle` after it (-150). */
export const tableOf: Readonly<Record<Stage, string>> = { early: 'raw', main: 'mangle' };

/** In it packets are seen that are for the host, forwarded or published, before any NAT. */
const PREROUTING = 'PREROUTING';

/** The chain that a hook stands in: PREROUTING for INPUT_HOOK, for any other name that chain itself. */
export const chainAt = (at: string): string => (at === INPUT_HOOK ? PREROUTING : at);

/** The hook for a chain: INPUT_HOOK for PREROUTING, for any other chain its own name. */
export const hookOf = (chain: string): string => (chain === PREROUTING ? INPUT_HOOK : chain);
