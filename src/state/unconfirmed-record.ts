import * as v from 'valibot';
import type { AppliedPolicy } from './applied-policy.ts';
import { parseAppliedPolicy } from './applied-policy.ts';
import { checkState, line, timestamp } from './check-state.ts';
import type { StateForm } from './state-file.ts';

/** pending.json: a change that waits to be confirmed, or was taken back. */
export interface UnconfirmedRecord {
  readonly id: string;
  /** When it is taken back, ISO 8601. */
  readonly until: string;
  /** Of the running system: neither timer nor fence survives a reboot. */
  readonly bootId: string;
  /** What to remember once it is confirmed. */
  readonly policy: AppliedPolicy;
  readonly isTakenBack: boolean;
}

const unconfirmedSchema = v.strictObject({
  id: line,
  until: timestamp,
  bootId: line,
  policy: v.unknown(),
  isTakenBack: v.boolean(),
});

export const unconfirmedForm: StateForm<UnconfirmedRecord> = {
  parse: (data, version) => {
    // At first a change that was taken back was forgotten.
    const { policy, ...rest } = checkState(
      unconfirmedSchema,
      version === 0 ? { isTakenBack: false, ...data } : data,
    );
    return { ...rest, policy: parseAppliedPolicy(policy, version) };
  },
};
