import type { Stats } from 'node:fs';
import { lstatSync, readlinkSync, renameSync, rmdirSync, symlinkSync, unlinkSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { GeofenceError, codeOf } from '../errors.ts';
import { fileError, readPlain, temporaryName } from './files.ts';
import { writeInto } from './write-file.ts';
import type { Owner } from './folder.ts';
import { Folder, within } from './folder.ts';

/** A plain file of a tree, or a link, whose text is where it leads to. */
export interface TreeFile {
  readonly text: string;
  /** Permission bits. */
  readonly mode: number;
  readonly isLink?: boolean;
}

/** No file of ours has as much. */
const MAX_FILE_BYTES = 64 * 2 ** 20;

/**
 * The files of the host, or of a folder that stands for `/` (DESTDIR, as packagers call it). Paths are absolute and of
 * the host. Nothing is read or written through a symbolic link in a file's place, nor through one that leads out of the
 * folder, whoever puts it there meanwhile.
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

  /** Returns a plain file, undefined where there is none; throws GeofenceError for what cannot be read or is no plain file. */
  async read(path: string): Promise<TreeFile | undefined> {
    return this.#doIfThere('read', path, (place) => {
      const { bytes, found } = readPlain(place, { maxBytes: MAX_FILE_BYTES });
      return { text: bytes.toString('utf8'), mode: found.mode & 0o7777 };
    });
  }

  /** Where a symbolic link in the file's place leads to in the end; undefined when there is none. */
  async linkTarget(path: string): Promise<string | undefined> {
    if ((await this.readLink(path)) === undefined) return undefined;
    return await realpath(this.at(path)).catch(() => undefined);
  }

  /** A symbolic link as it is; undefined when none is there. */
  async readLink(path: string): Promise<TreeFile | undefined> {
    try {
      return this.#in(path, (place) => ({ text: readlinkSync(place), mode: 0o777, isLink: true }));
    } catch {
      return undefined;
    }
  }

  /** Puts a symbolic link in the place of what is there, in one step. */
  async link(path: string, target: string): Promise<void> {
    this.#do('make the link', path, (place, folder) => {
      const temporary = folder.at(temporaryName());
      symlinkSync(target, temporary);
      try {
        renameSync(temporary, place);
      } catch (error) {
        unlinkSync(temporary);
        throw error;
      }
    });
  }

  /** Replaces the file in one step. Without a mode it keeps its mode and owner. */
  async write(path: string, text: string, mode?: number): Promise<void> {
    try {
      await within(this.#walk(dirname(path)), async (folder) => {
        const name = basename(path);
        const options = mode === undefined ? keptOf(lstatSync(folder.at(name))) : { mode };
        await writeInto(folder, name, text, options);
      });
    } catch (error) {
      throw told('write', this.at(path), error);
    }
  }

  /** Makes the folder and those above it; returns those that were not there before. */
  async makeFolder(path: string): Promise<string[]> {
    const made: string[] = [];
    try {
      this.#walk(path, made).close();
    } catch (error) {
      throw told('make the folder', this.at(path), error);
    }
    return made;
  }

  async rename(from: string, to: string): Promise<void> {
    this.#do('rename', from, (place) => this.#in(to, (target) => renameSync(place, target)));
  }

  /** Removes a file or a link; does nothing where there is none. */
  async remove(path: string): Promise<void> {
    this.#doIfThere('remove', path, unlinkSync);
  }

  /** Removes a folder with all that is in it, or a link in its place; does nothing where there is none. */
  async removeFolder(path: string): Promise<void> {
    this.#doIfThere('remove', path, (place, folder) => {
      if (lstatSync(place).isDirectory()) folder.removeFolder(basename(path));
      else unlinkSync(place);
    });
  }

  /** Removes a folder in which nothing is; tells whether it did. */
  async removeEmpty(path: string): Promise<boolean> {
    try {
      this.#in(path, (place) => rmdirSync(place));
      return true;
    } catch {
      return false;
    }
  }

  /** Whether anything is there, if only a link. */
  async has(path: string): Promise<boolean> {
    return path === '/' || this.#doIfThere('look at', path, (place) => lstatSync(place)) !== undefined;
  }

  /** Does work with a place in the open folder it is in; throws GeofenceError "Cannot VERB ...". */
  #do<T>(verb: string, path: string, work: (place: string, folder: Folder) => T): T {
    try {
      return this.#in(path, work);
    } catch (error) {
      throw told(verb, this.at(path), error);
    }
  }

  #doIfThere<T>(verb: string, path: string, work: (place: string, folder: Folder) => T): T | undefined {
    try {
      return this.#in(path, work);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw told(verb, this.at(path), error);
    }
  }

  #in<T>(path: string, work: (place: string, folder: Folder) => T): T {
    return this.#walk(dirname(path)).use((folder) => work(folder.at(basename(path)), folder));
  }

  /** Opens a folder, step by step from the root. Those that are missing are made and added to `made`, if it is given. */
  #walk(path: string, made?: string[]): Folder {
    let folder = made === undefined ? Folder.open(this.root) : Folder.make(this.root);
    const root = folder.realPath();
    let walked = '';
    for (const name of path.split('/').filter((part) => part !== '')) {
      walked += `/${name}`;
      folder = folder.use((above) =>
        made === undefined ? above.follow(name) : above.followOrMake(name, () => made.push(walked)),
      );
      this.#requireInside(folder, root);
    }
    return folder;
  }

  /** On the host itself links among the folders are the administrator's (/usr/local may be one). */
  #requireInside(folder: Folder, root: string): void {
    const real = folder.realPath();
    if (this.root === '/' || real.startsWith(`${root}/`) || real === root) return;
    folder.close();
    throw new GeofenceError(`Cannot use "${folder.path}": it leads out of "${this.root}"`);
  }
}

const keptOf = ({ mode, uid, gid }: Stats): { mode: number; owner: Owner } => ({
  mode: mode & 0o7777,
  owner: { uid, gid },
});

const told = (verb: string, place: string, error: unknown): GeofenceError =>
  error instanceof GeofenceError ? error : fileError(verb, place, error);
