import { GeofenceError } from '../errors.ts';
import type { Backend } from '../firewall/backend.ts';
import type { State } from '../firewall/model.ts';

/** What the kernel holds, or why it cannot be told: no privilege, no tools. */
export async function readKernel(backend: Backend): Promise<{ state: State } | { reason: string }> {
  try {
    return { state: await backend.read() };
  } catch (error) {
    if (error instanceof GeofenceError) return { reason: error.message };
    throw error;
  }
}
