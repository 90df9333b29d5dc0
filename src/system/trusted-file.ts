import { closeSync, constants, fstatSync, lstatSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { codeOf } from '../errors.ts';
import { readBytes } from './files.ts';

const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;

/** What tells who can change a file or folder, as stat(2) has it. */
interface Ownership {
  readonly uid: number;
  readonly mode: number;
}

/**
 * Why what is in a file or folder may be another user's doing: `user` is who runs this process, and what root owns is
 * believed by everybody. Undefined when only these two can have changed it.
 */
export function distrust({ uid, mode }: Ownership, user: number): string | undefined {
  if (uid !== 0 && uid !== user) return `it belongs to user ${uid}`;
  if ((mode & 0o002) !== 0) return 'everybody may write it';
  return (mode & 0o020) === 0 ? undefined : 'its group may write it';
}

const myself = (): number => process.geteuid?.() ?? 0;

/**
 * Why a folder may hold another user's doing; undefined when it does not, or when there is no folder. A symbolic link
 * in its place must be root's or the user's own, and so must be where it leads. Throws system errors.
 */
export function distrustFolder(path: string): string | undefined {
  try {
    const link = lstatSync(path);
    if (!link.isSymbolicLink()) return distrust(link, myself());
    return distrust({ uid: link.uid, mode: 0 }, myself()) ?? distrust(statSync(path), myself());
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * The content of a plain file that only root or the user who runs this can have written, or undefined when there is
 * none. Throws a system error, or an error whose message is the reason in words: the file or its folder belongs to
 * somebody else, others may write it, it is no plain file, it has more than `maxBytes`.
 */
export function readTrusted(path: string, maxBytes: number): Buffer | undefined {
  const folder = dirname(path);
  const reason = distrustFolder(folder);
  const file = openIfExists(path);
  if (file === undefined) return undefined;
  try {
    if (reason !== undefined) throw new Error(`its folder "${folder}": ${reason}`);
    const found = fstatSync(file);
    if (!found.isFile()) throw new Error('it is not a plain file');
    const doubt = distrust(found, myself());
    if (doubt !== undefined) throw new Error(doubt);
    if (found.size > maxBytes) throw new Error(`it is larger than ${maxBytes >> 20} MiB`);
    return readBytes(file, found.size);
  } finally {
    closeSync(file);
  }
}

/** Without O_NONBLOCK a planted pipe would keep us waiting for ever. */
function openIfExists(path: string): number | undefined {
  try {
    return openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
