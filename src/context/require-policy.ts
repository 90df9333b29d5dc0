import type { LoadedConfig } from './load-config.ts';
import { GeofenceError, UsageError } from '../errors.ts';
import type { Policy } from '../policy/policy.ts';
import { describeDamage } from '../state/state-file.ts';

/**
 * The policy that is stated. Throws GeofenceError where there was one that cannot be read any more: that is never the
 * same as none. Throws UsageError, which shows how to state one, where there is none.
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

/** Tells whoever states a policy anew what is lost with the remembered one: escapes, and the guards it was forced past. */
export function warnOfLostPolicy({ lost }: LoadedConfig, warn: (text: string) => void): void {
  if (lost !== undefined) warn(`${describeDamage(lost)}; it counts as absent`);
}
