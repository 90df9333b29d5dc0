import type { Config } from '../config/resolve.ts';
import { equalSettings } from '../config/settled.ts';
import type { AppliedPolicy } from './applied-policy.ts';

/** What to remember of a run that goes by `config`; `forced` are the guards that it was told to pass over. */
export const toRemember = (
  config: Pick<Config, 'byHand' | 'stated'>,
  forced: ReadonlySet<string>,
  before: AppliedPolicy | undefined,
): AppliedPolicy => ({
  settings: config.byHand,
  inForce: config.stated,
  forced: [...new Set([...forced, ...(isSamePolicy(config, before) ? (before?.forced ?? []) : [])])],
});

/** Whether this run goes by what the remembered one went by. */
export const isSamePolicy = (
  { stated }: Pick<Config, 'stated'>,
  remembered: AppliedPolicy | undefined,
): boolean => remembered !== undefined && equalSettings(remembered.inForce, stated);
