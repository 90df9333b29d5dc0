import { randomUUID } from 'node:crypto';
import { chmod, lstat, mkdir, readlink, realpath, rename, rm, rmdir, symlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { GeofenceError, codeOf } from '../errors.ts';
import { fileError, makeFolder, readIfExists, temporaryPrefix, writeFileAtomic } from './files.ts';

/** A plain file of a tree, or a link, whose text is where it leads to. */
export interface TreeFile {
  readonly text: string;
  /** Permission bits. */
  readonly mode: number;
  readonly isLink?: boolean;
}

/**
 * The files of the host, or of a folder that stands for `/` (DESTDIR, as packagers call it). Paths are absolute and of
 * the host. Nothing is read or written through a symbolic link in a file's place, nor through one that leads out of the
 * folder.
 */
export class Tree {
  readonly root: string;

  constructor(root: string) {
    this.root = resolve(root);
  }

  /** Where a path of the host is really. */
  at(path: string): string {
    return join(this.root, path);
  }

  async read(path: string): Promise<TreeFile | undefined> {
    const place = this.at(path);
    const bytes = await readIfExists(place, { plainOnly: true });
    if (bytes === undefined) return undefined;
    return { text: bytes.toString('utf8'), mode: (await lstat(place)).mode & 0o7777 };
  }

  /** Where a symbolic link in the file's place leads to in the end; undefined when there is none. */
  async linkTarget(path: string): Promise<string | undefined> {
    const place = this.at(path);
    return await readlink(place)
      .then(async () => await realpath(place))
      .catch(() => undefined);
  }

  /** A symbolic link as it is; undefined when none is there. */
  async readLink(path: string): Promise<TreeFile | undefined> {
    return await readlink(this.at(path)).then(
      (text) => ({ text, mode: 0o777, isLink: true }),
      () => undefined,
    );
  }

  /** Puts a symbolic link in the place of what is there, in one step. */
  async link(path: string, target: string): Promise<void> {
    await this.#requireInside(path);
    const temporary = join(dirname(this.at(path)), `${temporaryPrefix}${randomUUID()}`);
    try {
      await symlink(target, temporary);
      await rename(temporary, this.at(path));
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => {});
      throw fileError('make the link', this.at(path), error);
    }
  }

  /** Replaces the file in one step. Without a mode it keeps its mode and owner. */
  async write(path: string, text: string, mode?: number): Promise<void> {
    await this.#requireInside(path);
    if (mode !== undefined) return await writeFileAtomic(this.at(path), text, { mode });
    const { mode: bits, uid, gid } = await lstat(this.at(path));
    await writeFileAtomic(this.at(path), text, { mode: bits & 0o7777, owner: { uid, gid } });
  }

  /** Makes the folder and those above it; returns those that were not there before. */
  async makeFolder(path: string): Promise<string[]> {
    await makeFolder(this.root);
    const missing = [];
    for (let folder = path; !(await this.has(folder)); folder = dirname(folder)) missing.unshift(folder);
    await this.#requireInside(path);
    for (const folder of missing) {
      try {
        await mkdir(this.at(folder));
        // The umask took bits from the mode.
        await chmod(this.at(folder), 0o755);
      } catch (error) {
        throw fileError('make the folder', this.at(folder), error);
      }
    }
    return missing;
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#requireInside(from);
    await rename(this.at(from), this.at(to)).catch((error: unknown) => {
      throw fileError('rename', this.at(from), error);
    });
  }

  /** Removes a file, or a folder with all that is in it. */
  async remove(path: string): Promise<void> {
    await this.#requireInside(path);
    await rm(this.at(path), { force: true, recursive: true }).catch((error: unknown) => {
      throw fileError('remove', this.at(path), error);
    });
  }

  /** Removes a folder in which nothing is; tells whether it did. */
  async removeEmpty(path: string): Promise<boolean> {
    return await rmdir(this.at(path)).then(
      () => true,
      () => false,
    );
  }

  /** Whether anything is there, if only a link. */
  async has(path: string): Promise<boolean> {
    if (path === '/') return true;
    try {
      await lstat(this.at(path));
      return true;
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return false;
      throw fileError('look at', this.at(path), error);
    }
  }

  /** On the host itself links among the folders are the administrator's (/usr/local may be one). */
  async #requireInside(path: string): Promise<void> {
    if (this.root === '/') return;
    let folder = dirname(path);
    while (!(await this.has(folder))) folder = dirname(folder);
    const [root, real] = await Promise.all([realpath(this.at('/')), realpath(this.at(folder))]);
    if (real === root || real.startsWith(`${root}/`)) return;
    throw new GeofenceError(
      `Cannot use "${this.at(path)}": "${this.at(folder)}" leads out of "${this.root}"`,
    );
  }
}
