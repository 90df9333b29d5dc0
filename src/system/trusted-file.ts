import { basename, dirname } from 'node:path';
import { codeOf, messageOf } from '../errors.ts';
import { distrust, myself } from './distrust.ts';
import { readPlain } from './files.ts';
import { Folder } from './folder.ts';

/**
 * Opens a folder that only root or the user who runs this can have written in, or returns why it may hold another user's
 * doing; undefined when there is none. Throws system errors.
 */
export const openTrusted = (path: string): Folder | string | undefined =>
  unlessMissing(() => ifTrusted(() => Folder.openOwn(path)));

/** Does what `openTrusted` does, and makes the folder where there is none. */
export const makeTrusted = (path: string): Folder | string => ifTrusted(() => Folder.make(path));

function ifTrusted(open: () => Folder): Folder | string {
  const folder = orReason(open);
  if (typeof folder === 'string') return folder;
  const reason = distrust(folder.stat(), myself());
  if (reason === undefined) return folder;
  folder.close();
  return reason;
}

/**
 * The content of a plain file that only root or the user who runs this can have written, or undefined when there is
 * none. Throws a system error, or an error whose message is the reason in words: the file or its folder belongs to
 * somebody else, others may write it, it is no plain file, it has more than `maxBytes`.
 */
export function readTrusted(path: string, maxBytes: number): Buffer | undefined {
  const dir = dirname(path);
  const folder = unlessMissing(() => orReason(() => Folder.openOwn(dir)));
  const untrusted = (reason: string): Error => new Error(`its folder "${dir}": ${reason}`);
  if (typeof folder === 'string') throw untrusted(folder);
  if (folder === undefined) return undefined;
  try {
    const reason = distrust(folder.stat(), myself());
    const check = (found: { uid: number; mode: number }): void => {
      if (reason !== undefined) throw untrusted(reason);
      const doubt = distrust(found, myself());
      if (doubt !== undefined) throw new Error(doubt);
    };
    return readPlain(folder.at(basename(path)), { maxBytes, check }).bytes;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  } finally {
    folder.close();
  }
}

function unlessMissing<T>(open: () => T): T | undefined {
  try {
    return open();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** A folder, or why a link in its place is not followed. */
function orReason(open: () => Folder): Folder | string {
  try {
    return open();
  } catch (error) {
    if (codeOf(error) !== undefined) throw error;
    return messageOf(error);
  }
}
