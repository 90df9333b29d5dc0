import type { AppliedPolicy } from './state-dir.ts';
import type { LoadedConfig } from '../config/load.ts';
import { equalSettings } from '../config/settled.ts';
import type { Context } from '../context/context.ts';

/** What to remember of this run. */
export const toRemember = ({ config, flags }: Context, before: AppliedPolicy | undefined): AppliedPolicy => ({
  settings: config.byHand,
  inForce: config.stated,
  forced: [...new Set([...flags.force, ...(isSamePolicy(config, before) ? (before?.forced ?? []) : [])])],
});

/** Whether this run goes by what the remembered one went by. */
export const isSamePolicy = ({ stated }: LoadedConfig, remembered: AppliedPolicy | undefined): boolean =>
  remembered !== undefined && equalSettings(remembered.inForce, stated);
