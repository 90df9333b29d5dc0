import type { Stats } from 'node:fs';
import {
  chownSync,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  rmdirSync,
  unlinkSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { codeOf } from '../errors.ts';
import { distrust, myself } from './distrust.ts';

const { O_DIRECTORY, O_NOFOLLOW } = constants;

/** Of open(2), on all machines that Node.js runs on: a place to start from, which takes no right to read it. */
const O_PATH = 0o10000000;

/** A user and a group, as numbers. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * A folder that is held open. A path means another folder as soon as somebody who can write above it renames one or puts
 * a link in its place; names in here stay names in this folder. Every method throws system errors, and errors whose
 * message is the reason in words.
 */
export class Folder {
  /** By which it was opened, for messages. */
  readonly path: string;
  readonly #file: number;

  private constructor(file: number, path: string) {
    this.#file = file;
    this.path = path;
  }

  /** Opens the folder at a path that is the administrator's: symbolic links are followed. */
  static open(path: string): Folder {
    return new Folder(openSync(path, O_PATH | O_DIRECTORY), path);
  }

  /**
   * Opens a folder of our own. A symbolic link in its place is followed where only root or the user who runs this can
   * have put it there: systemd has such a one for the cache of the unit that fetches.
   */
  static openOwn(path: string): Folder {
    const parent = Folder.open(dirname(resolve(path)));
    return parent.use(() => parent.#enterOwn(basename(resolve(path)), path));
  }

  /** Opens a folder of our own; makes it, and those above it, for everybody to look into where they are missing. */
  static make(path: string): Folder {
    const parent = Folder.#makeParents(dirname(resolve(path)));
    return parent.use(() => {
      parent.#mkdir(basename(resolve(path)), 0o755);
      return parent.#enterOwn(basename(resolve(path)), path);
    });
  }

  static #makeParents(path: string): Folder {
    let folder = Folder.open('/');
    for (const name of path.split('/').filter((part) => part !== ''))
      folder = folder.use((above) => above.followOrMake(name));
    return folder;
  }

  /** Does `work` with the folder, and closes it. */
  use<T>(work: (folder: Folder) => T): T {
    try {
      return work(this);
    } finally {
      this.close();
    }
  }

  #enterOwn(name: string, path: string): Folder {
    if (name === '') return Folder.open(path);
    if (!lstatSync(this.at(name)).isSymbolicLink()) return this.enter(name, path);
    const reason = distrust(this.stat(), myself());
    if (reason !== undefined) throw new Error(`it is a symbolic link, and of the folder it is in: ${reason}`);
    return this.follow(name, path);
  }

  /** A path for what has this name in the folder. Links are followed unless whoever uses it asks not to. */
  at(name: string): string {
    return `/proc/self/fd/${this.#file}/${name}`;
  }

  /** Opens a folder in this one, or where a symbolic link in its place leads. */
  follow(name: string, path = join(this.path, name)): Folder {
    return new Folder(openSync(this.at(name), O_PATH | O_DIRECTORY), path);
  }

  /** Opens a folder in this one; never a symbolic link. */
  enter(name: string, path = join(this.path, name)): Folder {
    try {
      return new Folder(openSync(this.at(name), O_PATH | O_DIRECTORY | O_NOFOLLOW), path);
    } catch (error) {
      // With O_DIRECTORY a link is no folder, too (open(2)).
      if (codeOf(error) !== 'ENOTDIR') throw error;
      const isLink = lstatSync(this.at(name)).isSymbolicLink();
      throw Object.assign(new Error(), { code: isLink ? 'ELOOP' : 'EEXIST' });
    }
  }

  /** Opens a folder in this one, and makes it where it is missing: for everybody to look into if `mode` is not given. */
  make(name: string, owner?: Owner, mode = 0o755): Folder {
    const isNew = this.#mkdir(name, mode);
    const folder = this.enter(name);
    if (isNew && owner !== undefined) folder.#giveTo(owner);
    return folder;
  }

  /** Opens a folder in this one, or where a symbolic link in its place leads; makes it, and tells, where it is missing. */
  followOrMake(name: string, onMissing: () => void = () => {}): Folder {
    try {
      return this.follow(name);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
    }
    onMissing();
    return this.make(name);
  }

  /**
   * Returns whether it was missing. Not by chmod() afterwards: by then a link to somebody else's file may be in its place. The
   * umask is the process's, and nothing else of it runs in between.
   */
  #mkdir(name: string, mode: number): boolean {
    const umask = process.umask(0o022);
    try {
      mkdirSync(this.at(name), mode);
      return true;
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return false;
      throw error;
    } finally {
      process.umask(umask);
    }
  }

  /** Best effort: in a container its user may be none. */
  #giveTo({ uid, gid }: Owner): void {
    if (this.stat().uid !== myself()) return;
    try {
      chownSync(this.at('.'), uid, gid);
    } catch {
      // Then it is ours.
    }
  }

  stat(): Stats {
    return fstatSync(this.#file);
  }

  /** Where it is now, all links resolved. */
  realPath(): string {
    return readlinkSync(`/proc/self/fd/${this.#file}`);
  }

  names(): string[] {
    return readdirSync(this.at('.'));
  }

  /** Removes all that is in it; follows no link. */
  clear(): void {
    for (const name of this.names()) {
      if (!lstatSync(this.at(name)).isDirectory()) unlinkSync(this.at(name));
      else this.removeFolder(name);
    }
  }

  /** Removes a folder in this one with all that is in it. */
  removeFolder(name: string): void {
    const folder = this.enter(name);
    folder.use(() => {
      folder.clear();
    });
    rmdirSync(this.at(name));
  }

  /** To be called at the end. */
  close(): void {
    closeSync(this.#file);
  }
}

/** Does `work`, which may take its time, with an open folder, and closes it at the end. */
export async function within<T>(folder: Folder, work: (folder: Folder) => T | Promise<T>): Promise<T> {
  try {
    return await work(folder);
  } finally {
    folder.close();
  }
}
