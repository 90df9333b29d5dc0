import { unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { GeofenceError, codeOf } from '../errors.ts';
import { fileError, fileReason } from '../system/files.ts';
import { Folder, within } from '../system/folder.ts';
import { makeTrusted, openTrusted, readTrusted } from '../system/trusted-file.ts';
import type { FileBeside } from '../system/write-file.ts';
import { writeBeside } from '../system/write-file.ts';
import { formatBytes } from '../words/format.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/** What a state file is about, and how it is read. */
export interface StateKind<T> {
  /** The name of the file in the state folder. */
  readonly file: string;
  /** What it holds, for messages: "the remembered policy". */
  readonly what: string;
  /** The version of the form that is written; what has no version is of version 0. */
  readonly version: number;
  readonly maxBytes: number;
  /** Loads what checks the content: valibot, and that only where there is something to check. */
  readonly loadForm: () => Promise<StateForm<T>>;
}

/** The form of a kind of state file. */
export interface StateForm<T> {
  /** The content of a file of this or an earlier version; throws an error whose message says what is wrong with it. */
  readonly parse: (data: JsonObject, version: number) => T;
}

/** Why a state file that exists counts as absent. */
export interface Damage {
  readonly what: string;
  readonly path: string;
  readonly reason: string;
}

/** Words why a state file counts as absent: 'the remembered policy "PATH" cannot be used: REASON'. */
export const describeDamage = ({ what, path, reason }: Damage): string =>
  `${what} "${path}" cannot be used: ${reason}`;

/** A state folder in which somebody else could have written, or could yet. */
export class UntrustedFolderError extends GeofenceError {
  override readonly name = 'UntrustedFolderError';

  constructor(dir: string, reason: string) {
    super(`Cannot use the state folder "${dir}": ${reason}`, {
      hint: `look who wrote there, then take it back: chown root "${dir}" && chmod go-w "${dir}"`,
    });
  }
}

/**
 * Throws UntrustedFolderError when a state folder exists and others could write in it, GeofenceError when that cannot
 * be told.
 */
export function requireTrustedFolder(dir: string): void {
  let folder;
  try {
    folder = openTrusted(dir);
  } catch (error) {
    throw fileError('use the state folder', dir, error);
  }
  if (folder !== undefined) trusted(dir, folder).close();
}

/** Makes a state folder; throws UntrustedFolderError when others could write in it, GeofenceError when it cannot. */
function makeStateFolder(dir: string): Folder {
  let folder;
  try {
    folder = makeTrusted(dir);
  } catch (error) {
    throw fileError('make the folder', dir, error);
  }
  return trusted(dir, folder);
}

function trusted(dir: string, folder: Folder | string): Folder {
  if (typeof folder === 'string') throw new UntrustedFolderError(dir, folder);
  return folder;
}

/**
 * A JSON file with a version that geofence keeps from run to run. It is believed only if nobody but root, or the user
 * who runs this, can have written it, and only if its content has the form of its version.
 */
export class StateFile<T> {
  readonly path: string;
  readonly #kind: StateKind<T>;

  constructor(dir: string, kind: StateKind<T>) {
    this.path = join(dir, kind.file);
    this.#kind = kind;
  }

  /** What the file holds, or why it cannot be used; neither when there is none. Never throws for what is in it. */
  async load(): Promise<{ readonly value?: T; readonly damage?: Damage }> {
    try {
      const bytes = readTrusted(this.path, this.#kind.maxBytes);
      return bytes === undefined ? {} : { value: await this.#parse(bytes.toString('utf8')) };
    } catch (error) {
      return { damage: this.damageOf(error) };
    }
  }

  /** Why the file cannot be used, as an error tells it. */
  damageOf(error: unknown): Damage {
    return { what: this.#kind.what, path: this.path, reason: fileReason(error) };
  }

  /** What the file holds; undefined when there is none, or none that can be used. */
  async read(): Promise<T | undefined> {
    return (await this.load()).value;
  }

  async #parse(text: string): Promise<T> {
    const data = parseObject(text);
    const { version = 0, ...content } = data;
    if (!Number.isSafeInteger(version) || Number(version) < 0) throw new Error('its version is damaged');
    if (Number(version) > this.#kind.version) {
      throw new Error(`a newer geofence wrote it, in version ${Number(version)} of its form`);
    }
    const { parse } = await this.#kind.loadForm();
    return parse(content, Number(version));
  }

  /** Replaces the file in one step; throws GeofenceError when it cannot, or others can write in the folder. */
  async write(value: T): Promise<void> {
    await (await this.prepare(value)).place();
  }

  /**
   * Writes the file beside its place, to be put there or discarded later; throws what write() throws, and so does its
   * `place`.
   */
  async prepare(value: T): Promise<FileBeside> {
    const text = `${JSON.stringify({ version: this.#kind.version, ...value })}\n`;
    const { maxBytes } = this.#kind;
    // The next run would not read it.
    if (Buffer.byteLength(text) > maxBytes)
      throw new GeofenceError(
        `Cannot write "${this.path}": it would have more than the ${formatBytes(maxBytes)} that are read`,
      );
    return await this.#writeBeside(text);
  }

  async #writeBytes(data: Uint8Array): Promise<void> {
    await (await this.#writeBeside(data)).place();
  }

  async #writeBeside(data: string | Uint8Array): Promise<FileBeside> {
    const folder = makeStateFolder(dirname(this.path));
    let end: Promise<void> | undefined;
    /** Once: the descriptor of a folder that was closed may be another's. */
    const endWith = async (step: () => Promise<void>): Promise<void> =>
      await (end ??= within(folder, step).catch((error: unknown) => {
        throw fileError('write', this.path, error);
      }));
    try {
      const file = await writeBeside(folder, this.#kind.file, data);
      return {
        place: async () => await endWith(file.place),
        discard: async () => await endWith(file.discard),
      };
    } catch (error) {
      folder.close();
      throw fileError('write', this.path, error);
    }
  }

  /** Removes the file, if there is one; throws GeofenceError when it cannot. */
  async forget(): Promise<void> {
    try {
      await within(Folder.openOwn(dirname(this.path)), (folder) => unlink(folder.at(this.#kind.file)));
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw fileError('remove', this.path, error);
    }
  }

  /** What the file holds now, to be put back byte by byte; a file that is not to be believed is forgotten instead. */
  keep(): () => Promise<void> {
    const bytes = this.#tryReadBytes();
    return async () => await (bytes === undefined ? this.forget() : this.#writeBytes(bytes));
  }

  #tryReadBytes(): Buffer | undefined {
    try {
      return readTrusted(this.path, this.#kind.maxBytes);
    } catch {
      return undefined;
    }
  }

  /** Copies the file of another folder; returns why not, when it exists and is not to be believed. */
  async copyFrom(from: StateFile<T>): Promise<Damage | undefined> {
    let bytes;
    try {
      bytes = readTrusted(from.path, this.#kind.maxBytes);
    } catch (error) {
      return from.damageOf(error);
    }
    if (bytes === undefined) return undefined;
    await this.#writeBytes(bytes);
    return undefined;
  }
}

function parseObject(text: string): JsonObject {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    // The parser quotes what it stumbles over, and that may be anything.
    throw new Error(text.trim() === '' ? 'it is empty' : 'it is not JSON');
  }
  if (typeof data !== 'object' || data === null || Array.isArray(data)) throw new Error('it holds no object');
  return data as JsonObject;
}
