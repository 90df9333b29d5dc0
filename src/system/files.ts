import { randomUUID } from 'node:crypto';
import type { Stats } from 'node:fs';
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readFileSync,
  readSync,
  readdirSync,
  readlinkSync,
} from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open, stat } from 'node:fs/promises';
import { GeofenceError, codeOf, messageOf } from '../errors.ts';
import { Folder } from './folder.ts';

const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;

/** How the names of files begin that are not finished yet; a killed run leaves them behind. */
export const temporaryPrefix = '.tmp-';

/** Returns the name, of no other, for a file that is not finished yet. */
export const temporaryName = (): string => `${temporaryPrefix}${randomUUID()}`;

/** System errors in words; any other as Node.js tells it, without the call and its path. */
const fileReasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EDQUOT: 'disk quota is used up',
  EEXIST: 'something else is in its place',
  EIO: 'input/output error',
  EISDIR: 'it is a folder',
  ELOOP: 'it is a symbolic link',
  EMFILE: 'this process has too many files open (ulimit -n)',
  ENFILE: 'the system has too many files open',
  ENOENT: 'no such file or folder',
  ENOSPC: 'disk is full',
  ENOTDIR: 'a part of the path is no folder',
  EPERM: 'operation not permitted',
  EROFS: 'the file system is read-only',
};

/** Words why a file could not be used, by the code of a system error. */
export const fileReason = (error: unknown): string => fileReasons[codeOf(error) ?? ''] ?? toldReason(error);

/** "EFBIG: file too large, write", "ENAMETOOLONG: name too long, open 'PATH'". */
const toldReason = (error: unknown): string =>
  codeOf(error) === undefined ? messageOf(error) : messageOf(error).replace(/, \w+(?: '[^]*)?$/, '');

/** Returns a GeofenceError "Cannot VERB "PATH": REASON" for a system error. */
export const fileError = (verb: string, path: string, error: unknown): GeofenceError =>
  new GeofenceError(`Cannot ${verb} "${path}": ${fileReason(error)}`, { cause: error });

/** Closes an open file when `work` with it has ended, either way; returns what it returns. */
export async function finish<T>(file: FileHandle, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    await file.close();
  }
}

export interface ReadOptions {
  /** Refuse links, pipes and devices: somebody may have planted them where only we should write. */
  readonly plainOnly?: boolean;
}

/**
 * Returns the content of a file, undefined when there is none; throws GeofenceError when it cannot be read, or is no
 * plain file and `plainOnly` is set. Synchronous inside: through the thread pool the zones of all countries take 36 ms,
 * so 7 ms.
 */
export async function readIfExists(path: string, options: ReadOptions = {}): Promise<Buffer | undefined> {
  try {
    return options.plainOnly === true ? readPlain(path).bytes : readFileSync(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw fileError('read', path, error);
  }
}

/** Returns the text of a file, undefined when there is none; throws GeofenceError when it cannot be read. */
export const readText = async (path: string): Promise<string | undefined> =>
  (await readIfExists(path))?.toString('utf8');

/**
 * Returns the text of a file that the kernel makes while it is read, such as /proc/net/tcp, or of no more than its
 * first `maxBytes`; undefined when there is none. Not synchronous: the kernel takes 4 ms to go through its table of
 * connections, however few there are. Throws GeofenceError when it cannot be read.
 */
export async function readGenerated(path: string, maxBytes = Infinity): Promise<string | undefined> {
  try {
    const file = await open(path);
    return await finish(file, async () => await readPieces(file, maxBytes));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw fileError('read', path, error);
  }
}

const PIECE_BYTES = 1 << 16;

/** The first read is the long one; the kernel gives a page at a time, for which another thread would cost too much. */
async function readPieces(file: FileHandle, maxBytes: number): Promise<string> {
  const pieces: Buffer[] = [];
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  let { bytesRead } = await file.read(piece, 0, Math.min(maxBytes, PIECE_BYTES), null);
  for (let left = maxBytes; bytesRead > 0;) {
    pieces.push(Buffer.from(piece.subarray(0, bytesRead)));
    left -= bytesRead;
    bytesRead = left > 0 ? readSync(file.fd, piece, 0, Math.min(left, PIECE_BYTES), null) : 0;
  }
  return Buffer.concat(pieces).toString('utf8');
}

/** As many bytes as there are from where an open file is read, up to `limit`; throws system errors. */
export function readBytes(file: number, limit: number): Buffer {
  const bytes = Buffer.allocUnsafe(limit);
  let end = 0;
  for (let read = -1; read !== 0 && end < limit; end += read) {
    read = readSync(file, bytes, end, limit - end, null);
  }
  return bytes.subarray(0, end);
}

/** When a file or folder was last changed, in milliseconds since the epoch; undefined when it cannot be told. */
export async function modifiedAt(path: string): Promise<number | undefined> {
  return await stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => undefined,
  );
}

/** The names in a folder; none when it is not there or may not be looked into. Synchronous: /proc has thousands. */
export function listFolder(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

/** Where a symbolic link leads to, as it stands there; undefined when it cannot be read. Synchronous: a process may have thousands. */
export function readLink(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

/**
 * Reads a plain file; nothing is read of one that `check` throws for, or that has more than `maxBytes`. Throws
 * system errors, and errors whose message is the reason in words.
 */
export function readPlain(
  path: string,
  { maxBytes = Infinity, check = () => {} }: { maxBytes?: number; check?: (found: Stats) => void } = {},
): { bytes: Buffer; found: Stats } {
  // Without O_NONBLOCK a planted pipe would keep us waiting for ever.
  const file = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const found = fstatSync(file);
    if (!found.isFile()) throw new Error('it is not a plain file');
    check(found);
    if (found.size > maxBytes) throw new Error(`it is larger than ${maxBytes >> 20} MiB`);
    return { bytes: readBytes(file, found.size), found };
  } finally {
    closeSync(file);
  }
}

/**
 * Makes a folder everybody may look into, and those above it; one that exists stays as it is. Throws GeofenceError when
 * it cannot.
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    Folder.make(path).close();
  } catch (error) {
    throw fileError('make the folder', path, error);
  }
}
