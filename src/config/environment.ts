import { UsageError } from '../errors.ts';
import type { Settings } from './settings.ts';
import { defined } from './settings.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The settings of the environment. ALLOWSUBNET and MAXZONEAGE are those of the shell scripts geofence replaces: a list
 * separated by spaces or commas, and days. An empty variable counts as unset.
 */
export function readEnvironment(env: Environment): Settings {
  const value = (name: string): string | undefined =>
    env[name]?.trim() === '' ? undefined : env[name]?.trim();
  const age = value('MAXZONEAGE');
  return defined({
    allow_subnets: value('ALLOWSUBNET')
      ?.split(/[\s,]+/)
      .filter((word) => word !== ''),
    max_zone_age_days: age === undefined ? undefined : parseDays(age, 'MAXZONEAGE'),
    mirror: value('GEOFENCE_MIRROR'),
    cache_dir: value('GEOFENCE_CACHE_DIR'),
    state_dir: value('GEOFENCE_STATE_DIR'),
  });
}

/** A number of days as typed; `where` names the place in messages. */
export function parseDays(text: string, where: string): number {
  return parseNumber(text, where, (n) => n >= 0, 'a number of days, at least 0');
}

/** A decimal number as typed. */
export function parseNumber(
  text: string,
  where: string,
  isValid: (n: number) => boolean,
  expected: string,
): number {
  const number = /^-?\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (!isValid(number)) throw new UsageError(`Cannot use ${where} "${text}": expected ${expected}`);
  return number;
}
