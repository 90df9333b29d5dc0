import { rmdirSync, unlinkSync } from 'node:fs';
import { codeOf } from '../errors.ts';
import { temporaryPrefix } from './files.ts';
import type { Folder } from './folder.ts';

const isTemporary = (name: string): boolean => name.startsWith(temporaryPrefix);

/** Whether there is something unfinished in a folder. */
export const hasTemporary = (folder: Folder): boolean => folder.names().some(isTemporary);

/**
 * Removes what killed runs left unfinished in a folder, best effort: files, links, and folders in which nothing is. Only
 * under its lock: a running one has such files too.
 */
export function removeTemporary(folder: Folder): void {
  for (const name of folder.names().filter(isTemporary)) {
    try {
      unlinkSync(folder.at(name));
    } catch (error) {
      if (codeOf(error) === 'EISDIR') tryRemoveEmpty(folder.at(name));
    }
  }
}

function tryRemoveEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    // Something is in it: then it is none of ours.
  }
}
