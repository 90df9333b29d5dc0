import type { LoadedConfig } from './load.ts';
import { UsageError } from '../errors.ts';
import type { Policy } from '../policy/policy.ts';

/** The policy, or the error that shows how to state one. */
export function requirePolicy({ policy }: LoadedConfig): Policy {
  if (policy !== undefined) return policy;
  throw new UsageError(
    'Cannot tell whom to let in: no mode on the command line, in the configuration or remembered from a refresh',
    'for example:\n    geofence refresh --allow CA        only Canada gets in\n    geofence refresh --deny RU,CN      Russia and China do not',
  );
}
