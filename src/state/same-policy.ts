import type { Config } from '../config/resolve.ts';
import { equalSettings } from '../config/settled.ts';
import type { AppliedPolicy } from './applied-policy.ts';

/**
 * Returns what to remember of a run that goes by `config`. `forced` names the guards that it was told to pass over;
 * those forced for the policy `before` are kept when it is the same.
 */
export const toRemember = (
  config: Pick<Config, 'byHand' | 'stated'>,
  forced: ReadonlySet<string>,
  before: AppliedPolicy | undefined,
): AppliedPolicy => ({
  settings: config.byHand,
  inForce: config.stated,
  forced: [...new Set([...forced, ...(isSamePolicy(config, before) ? (before?.forced ?? []) : [])])],
});

/**
 * Whether the settings of this run, folders apart, are those that the remembered run went by; false when none is
 * remembered.
 */
export const isSamePolicy = (
  { stated }: Pick<Config, 'stated'>,
  remembered: AppliedPolicy | undefined,
): boolean => remembered !== undefined && equalSettings(remembered.inForce, stated);
