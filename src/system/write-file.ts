import { constants } from 'node:fs';
import { open, rename, unlink } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { fileError, finish, temporaryName } from './files.ts';
import type { Owner } from './folder.ts';
import { Folder, within } from './folder.ts';

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDONLY, O_WRONLY } = constants;

/** A file that is written, and on the disk, beside the place where it shall be. */
export interface FileBeside {
  /** Puts it in its place, in one step. Throws system errors; then, too, nothing is left beside. */
  readonly place: () => Promise<void>;
  /** Removes it, best effort. */
  readonly discard: () => Promise<void>;
}

interface WriteOptions {
  readonly mode?: number;
  /** Whose the file shall be, if not ours. */
  readonly owner?: Owner;
}

/**
 * Puts `data` at `path` as a whole or not at all, whatever happens meanwhile: a reader finds the old file or the new
 * one. A link at `path` is replaced, not followed. Throws GeofenceError when it cannot; a temporary file is left only
 * by a killed run.
 */
export async function writeFileAtomic(
  path: string,
  data: string | Uint8Array,
  options: WriteOptions = {},
): Promise<void> {
  try {
    await within(Folder.open(dirname(path)), (folder) => writeInto(folder, basename(path), data, options));
  } catch (error) {
    throw fileError('write', path, error);
  }
}

/** Does what `writeFileAtomic` does with a file of an open folder; throws system errors. */
export async function writeInto(
  folder: Folder,
  name: string,
  data: string | Uint8Array,
  options: WriteOptions = {},
): Promise<void> {
  await (await writeBeside(folder, name, data, options)).place();
}

/**
 * Does all of `writeInto` but the last step, for which the folder has to stay open: what can fail for want of room has
 * been done when it returns. Throws system errors.
 */
export async function writeBeside(
  folder: Folder,
  name: string,
  data: string | Uint8Array,
  { mode = 0o644, owner }: WriteOptions = {},
): Promise<FileBeside> {
  const temporary = folder.at(temporaryName());
  const discard = async (): Promise<void> => await unlink(temporary).catch(() => {});
  const orDiscard = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      await discard();
      throw error;
    }
  };
  await orDiscard(async () => {
    const file = await open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
    await finish(file, async () => {
      // In a container the user may be none: then the file is ours.
      if (owner !== undefined) await file.chown(owner.uid, owner.gid).catch(() => {});
      // The umask took bits from the mode: under cron's 077 `status` could not be run without root.
      await file.chmod(mode);
      await file.writeFile(data);
      await file.sync();
    });
  });
  const place = async (): Promise<void> =>
    await orDiscard(async () => {
      await rename(temporary, folder.at(name));
      const holder = await open(folder.at('.'), O_RDONLY);
      await finish(holder, () => holder.sync());
    });
  return { place, discard };
}
