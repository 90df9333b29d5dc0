import type { Config } from '../config/resolve.ts';
import type { Refusal } from '../refusal.ts';
import { isSamePolicy } from './same-policy.ts';
import type { UnconfirmedRecord } from './unconfirmed-change.ts';

/**
 * How it stands with the last change that had to be confirmed: `waiting`; `expired`: its timer did not take it back;
 * `reverted`: it was taken back, or lost in a reboot.
 */
export interface UnconfirmedChange {
  readonly state: 'waiting' | 'expired' | 'reverted';
  readonly pending: UnconfirmedRecord;
}

/** `bootId` is that of the running system, `now` in milliseconds since the epoch. */
export function unconfirmedChange(
  pending: UnconfirmedRecord,
  bootId: string,
  now: number,
): UnconfirmedChange {
  if (pending.isTakenBack || pending.bootId !== bootId) return { state: 'reverted', pending };
  return { state: now > Date.parse(pending.until) ? 'expired' : 'waiting', pending };
}

/**
 * Whether a file states the policy that was taken back. A remembered one is not meant: of that a killed rollback may
 * have put back the fence, and not yet the policy.
 */
export const isReverted = (
  config: Pick<Config, 'stated' | 'fileOf'>,
  unconfirmed: UnconfirmedChange | undefined,
): boolean =>
  unconfirmed?.state === 'reverted' &&
  config.fileOf('allow', 'deny') !== undefined &&
  isSamePolicy(config, unconfirmed.pending.policy);

/**
 * What speaks against the policy: one that nobody confirmed stands in the configuration file all the same, and no timer
 * may bring it back by itself; somebody who types it, puts it on trial again or forces it knows what they do.
 */
export function revertedRefusals(
  config: Pick<Config, 'stated' | 'fileOf'>,
  unconfirmed: UnconfirmedChange | undefined,
): Refusal[] {
  if (unconfirmed === undefined || !isReverted(config, unconfirmed)) return [];
  const reason = `this policy was taken back, for nobody confirmed it until ${unconfirmed.pending.until}`;
  return [{ guard: 'unconfirmed', reason }];
}
