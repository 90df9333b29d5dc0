import type { Backend, SetEdit } from '../firewall/backend.ts';
import type { SetState } from '../firewall/model.ts';
import type { StateDir } from '../state/state-dir.ts';
import type { ChangeLocking } from './with-lock.ts';
import { kernelChangeLocked } from './with-lock.ts';

/**
 * Adds and removes entries of a runtime set, at any time. Those of addresses and ports take no lock: they are changed
 * in place, also while the fence is changed. A set of networks is made anew and exchanged, so that of two such changes
 * at once, or of one and a change of the set's shape, one would be lost: it waits for the lock of the kernel, which
 * nobody holds while zones are fetched. Throws GeofenceError for what backend.edit() refuses or where no lock can be
 * made, LockedError when another run does not end in time.
 */
export async function editRuntimeSet(
  backend: Backend,
  memory: StateDir,
  { name, shape }: Pick<SetState, 'name' | 'shape'>,
  edits: readonly SetEdit[],
  locking: ChangeLocking,
): Promise<void> {
  if (shape.kind !== 'networks') return await backend.edit(name, edits);
  await kernelChangeLocked(memory, locking, async (signal) => {
    signal.throwIfAborted();
    await backend.edit(name, edits);
  });
}
