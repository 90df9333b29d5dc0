import type { Config } from '../config/resolve.ts';
import type { StatedConfig } from '../config/stated-config.ts';
import type { SettingName } from '../config/settings.ts';
import { differingSettings, equalSettings } from '../config/settled.ts';
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

/** These are one setting: a fence at the top level that is stated by hand silences all of that in files. */
const mainNames: ReadonlySet<SettingName> = new Set(['allow', 'deny', 'ports', 'interfaces']);

/**
 * Whether the files may still state `policy`, and this run goes by another only because it is told so by hand, so that
 * the next run which is told nothing may go by it again. False where no file states a mode: what is told by hand is
 * remembered then.
 */
export function isOverridden(
  { stated, byHand, filePolicy }: Pick<StatedConfig, 'stated' | 'byHand' | 'filePolicy'>,
  policy: AppliedPolicy,
): boolean {
  if (filePolicy === undefined) return false;
  const isMainByHand = (byHand.allow ?? byHand.deny) !== undefined;
  const differing = differingSettings(stated, policy.inForce);
  return (
    differing.length > 0 &&
    differing.every((name) => (mainNames.has(name) ? isMainByHand : byHand[name] !== undefined))
  );
}
