import * as v from 'valibot';
import { settingsSchema } from '../config/schema.ts';
import type { Settings } from '../config/settings.ts';
import { checkState, isObject, line } from './check-state.ts';
import type { StateForm } from './state-file.ts';

/** policy.json: the policy of the last refresh. */
export interface AppliedPolicy {
  /** What it was told by hand: for runs that are told nothing. */
  readonly settings: Settings;
  /** What it went by in all, the configuration file included. */
  readonly inForce: Settings;
  /** The guards that were passed over for it. */
  readonly forced: readonly string[];
}

const settings = v.pipe(
  settingsSchema,
  v.check(({ allow, deny }) => allow === undefined || deny === undefined),
);

const policySchema = v.strictObject({ settings, inForce: settings, forced: v.array(line) });

/** The first form of all was the settings alone. */
function migratePolicy(data: unknown): unknown {
  const isBare = isObject(data) && ('allow' in data || 'deny' in data);
  return isBare ? { settings: data, inForce: data, forced: [] } : data;
}

/** Reads an applied policy written in any version up to the present one; throws an Error that names what is damaged. */
export const parseAppliedPolicy = (data: unknown, version: number): AppliedPolicy =>
  checkState(policySchema, version === 0 ? migratePolicy(data) : data) as AppliedPolicy;

export const appliedPolicyForm: StateForm<AppliedPolicy> = { parse: parseAppliedPolicy };
