import type { LockOptions } from '../system/lock.ts';
import { withLock } from '../system/lock.ts';
import type { Backend, SetEdit } from '../firewall/backend.ts';
import type { SetState } from '../firewall/model.ts';

/**
 * Adds and removes entries of a runtime set, at any time: also while the fence is being changed, whose lock is not
 * taken. A set of networks is made anew and exchanged, so that of two such changes at once one would be lost: each
 * holds the lock in `dir`, a folder for nothing else. Throws GeofenceError for what backend.edit() refuses or where no
 * lock can be made, LockedError when another change of networks does not end in time.
 */
export async function editRuntimeSet(
  backend: Backend,
  dir: string,
  { name, shape }: Pick<SetState, 'name' | 'shape'>,
  edits: readonly SetEdit[],
  options: LockOptions,
): Promise<void> {
  if (shape.kind !== 'networks') return await backend.edit(name, edits);
  await withLock(
    dir,
    async (lost) => {
      lost.throwIfAborted();
      await backend.edit(name, edits);
    },
    options,
  );
}
