import { GeofenceError } from '../errors.ts';
import type { Backend } from '../firewall/backend.ts';
import type { Actual } from '../firewall/backend.ts';

/**
 * Reads what the kernel holds; where that fails with a GeofenceError (no privilege, no tools), returns its message as
 * `reason`.
 */
export async function readKernel(backend: Backend): Promise<{ state: Actual } | { reason: string }> {
  try {
    return { state: await backend.read('content') };
  } catch (error) {
    if (error instanceof GeofenceError) return { reason: error.message };
    throw error;
  }
}
