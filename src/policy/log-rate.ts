import type { Rate } from '../firewall/rate.ts';

/** How many dropped packets are logged at most; the manual tells it too. A flood must not fill the disk. */
export const LOG_RATE = { count: 6, per: 'minute', burst: 10 } as const satisfies Rate;
