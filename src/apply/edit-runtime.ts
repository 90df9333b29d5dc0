import type { LockOptions } from '../system/lock.ts';
import { withLock } from '../system/lock.ts';
import type { Backend, SetEdit } from '../firewall/backend.ts';
import type { SetState } from '../firewall/model.ts';

/**
 * Changes entries of a set that others fill, at any time: also while the fence is being changed, whose lock it does not
 * take. A set of networks is made anew and exchanged, so that two at once would lose entries: such a change holds the
 * lock in `dir`, a folder for nothing else. Throws a GeofenceError for an entry that is none, and a LockedError when
 * another change of networks does not end in time.
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
