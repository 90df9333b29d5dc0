import { resolveConfig } from '../config/resolve.ts';
import { ON_TRIAL } from '../config/stated-config.ts';
import { GeofenceError, exitCodes } from '../errors.ts';
import type { Family } from '../ip/family.ts';
import { limitFamilies } from '../policy/limit-families.ts';
import type { UnconfirmedChange } from '../state/unconfirmed.ts';
import type { LoadedConfig } from './load-config.ts';

/** What the kernel should hold now: while a change waits to be confirmed, that. */
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
 * What counts when the configuration file states a policy that nobody confirmed: the one in force before. Throws when
 * there is none.
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
  const earlier = await resolveConfig([{ origin: 'the last refresh', settings: remembered.inForce }]);
  return { ...config, ...limitFamilies(earlier, available) };
}
