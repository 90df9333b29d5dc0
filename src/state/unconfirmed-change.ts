import type { Config } from '../config/resolve.ts';
import { statingFile } from '../config/stated-config.ts';
import type { Refusal } from '../refusal.ts';
import { isSamePolicy } from './same-policy.ts';
import type { UnconfirmedRecord } from './unconfirmed-record.ts';

/**
 * How it stands with the last change that had to be confirmed: `waiting`; `expired`: its timer did not take it back;
 * `reverted`: it was taken back, or lost in a reboot.
 */
export interface UnconfirmedChange {
  readonly state: 'waiting' | 'expired' | 'reverted';
  readonly pending: UnconfirmedRecord;
}

/**
 * Tells how it stands with the change that a record is about: `bootId` is that of the running system, `now` in
 * milliseconds since the epoch.
 */
export function unconfirmedChange(
  pending: UnconfirmedRecord,
  bootId: string,
  now: number,
): UnconfirmedChange {
  if (pending.isTakenBack || pending.bootId !== bootId) return { state: 'reverted', pending };
  return { state: now > Date.parse(pending.until) ? 'expired' : 'waiting', pending };
}

/**
 * How it stands once what is overdue was taken back, also where the state folder could not be written and still says
 * that it was not.
 */
export const afterTakingBack = (unconfirmed: UnconfirmedChange | undefined): UnconfirmedChange | undefined =>
  unconfirmed?.state === 'expired' ? { ...unconfirmed, state: 'reverted' } : unconfirmed;

/**
 * Whether a configuration file states the policy, or a fence of it, that was taken back because nobody confirmed it. False for a policy
 * that is only remembered: a killed rollback may have put back the fence, and not yet the policy.
 */
export const isReverted = (
  config: Pick<Config, 'stated' | 'fileOf'>,
  unconfirmed: UnconfirmedChange | undefined,
): boolean =>
  unconfirmed?.state === 'reverted' &&
  statingFile(config) !== undefined &&
  isSamePolicy(config, unconfirmed.pending.policy);

/**
 * Returns a refusal (guard `unconfirmed`) when a configuration file states the policy that was taken back, else []: no
 * timer may bring it back by itself, but somebody who types it, puts it on trial again or forces it may.
 */
export function revertedRefusals(
  config: Pick<Config, 'stated' | 'fileOf'>,
  unconfirmed: UnconfirmedChange | undefined,
): Refusal[] {
  if (unconfirmed === undefined || !isReverted(config, unconfirmed)) return [];
  const reason = `this policy was taken back, for nobody confirmed it until ${unconfirmed.pending.until}`;
  return [{ guard: 'unconfirmed', reason }];
}
