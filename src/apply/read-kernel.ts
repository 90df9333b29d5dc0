import { GeofenceError } from '../errors.ts';
import type { Backend } from '../firewall/backend.ts';
import type { Actual } from '../firewall/backend.ts';

/** What the kernel holds, or why it cannot be told: no privilege, no tools. */
export async function readKernel(backend: Backend): Promise<{ state: Actual } | { reason: string }> {
  try {
    return { state: await backend.read('content') };
  } catch (error) {
    if (error instanceof GeofenceError) return { reason: error.message };
    throw error;
  }
}
