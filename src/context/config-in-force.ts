import { resolveConfig } from '../config/resolve.ts';
import { LAST_REFRESH, ON_TRIAL } from '../config/stated-config.ts';
import { GeofenceError, exitCodes } from '../errors.ts';
import type { Family } from '../ip/family.ts';
import { limitFamilies } from '../policy/limit-families.ts';
import type { UnconfirmedChange } from '../state/unconfirmed-change.ts';
import type { LoadedConfig } from './load-config.ts';

/**
 * Returns the configuration that the kernel should hold now: that of a change which waits to be confirmed, else
 * `config` itself. Throws UsageError when the one on trial names what cannot be used.
 */
export async function configInForce(
  config: LoadedConfig,
  unconfirmed: UnconfirmedChange | undefined,
  available: readonly Family[],
): Promise<LoadedConfig> {
  if (unconfirmed?.state !== 'waiting') return config;
  const tried = await resolveConfig([{ origin: ON_TRIAL, settings: unconfirmed.pending.policy.inForce }]);
  return { ...config, ...limitFamilies(tried, available) };
}

/**
 * Returns the configuration that counts when the file states a policy that nobody confirmed: the remembered one from
 * before. Throws a GeofenceError (exit code `refused`) when none is remembered, UsageError when it names what cannot be
 * used.
 */
export async function confirmedConfig(
  config: LoadedConfig,
  available: readonly Family[],
): Promise<LoadedConfig> {
  const remembered = await config.memory.policy.read();
  if (remembered === undefined) {
    throw new GeofenceError('Refusing to apply: the policy was taken back, for nobody confirmed it', {
      exitCode: exitCodes.refused,
      hint: 'put it on trial again with "geofence refresh --confirm 60"',
    });
  }
  const earlier = await resolveConfig([{ origin: LAST_REFRESH, settings: remembered.inForce }]);
  return { ...config, ...limitFamilies(earlier, available) };
}
