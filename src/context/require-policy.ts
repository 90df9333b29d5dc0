import type { LoadedConfig } from './load-config.ts';
import { GeofenceError, UsageError } from '../errors.ts';
import type { Policy } from '../policy/policy.ts';
import { describeDamage } from '../state/state-file.ts';

/**
 * Returns the policy that is stated. Throws GeofenceError where the remembered one cannot be read any more, which is
 * not the same as none; UsageError, with an example of how to state one, where there is none.
 */
export function requirePolicy({ policy, lost }: LoadedConfig): Policy {
  if (policy !== undefined) return policy;
  if (lost !== undefined) {
    const { what, path, reason } = lost;
    throw new GeofenceError(`Cannot use ${what} "${path}": ${reason}`, {
      hint: 'state the policy once more, escapes included, for example: geofence refresh --allow CA',
    });
  }
  throw new UsageError(
    'Cannot tell whom to let in: no mode on the command line, in the configuration or remembered from a refresh',
    'for example:\n    geofence refresh --allow CA        only Canada gets in\n    geofence refresh --deny RU,CN      Russia and China do not',
  );
}

/**
 * Warns whoever states a policy anew that the remembered one cannot be used, and its escapes and forced guards are lost
 * with it.
 */
export function warnOfLostPolicy({ lost }: LoadedConfig, warn: (text: string) => void): void {
  if (lost !== undefined) warn(`${describeDamage(lost)}; it counts as absent`);
}
