import { GeofenceError } from '../errors.ts';
import { scriptHeader, withBlock, withoutBlock } from './block.ts';
import type { InstalledFile } from './installation.ts';
import { hasMark } from './mark.ts';
import type { FileAction } from '../report/installation.ts';
import type { TreeFile } from '../system/tree.ts';

/** What is done with a file. */
export interface FileChange {
  readonly file: InstalledFile;
  readonly action: FileAction;
  /** The text that is there, and the text that will be; undefined where there is no file. */
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** Whether a change writes, renames or removes anything. */
export const isTodo = ({ action }: FileChange): boolean => action !== 'nothing' && action !== 'keep';

/**
 * What makes the file as it should be, `found` being what is there now. Throws GeofenceError where that is somebody
 * else's.
 */
export function changeToInstall(file: InstalledFile, found: TreeFile | undefined): FileChange {
  if (found !== undefined && !mayReplace(file, found)) {
    throw new GeofenceError(`Cannot install "${file.path}": another file is in its place`, {
      hint: 'look at it, and move it away or delete it',
    });
  }
  const { before, after } = textsToInstall(file, found);
  if (found === undefined) return { file, action: 'create', before, after };
  if (file.kind === 'settings') return { file, action: 'keep', before, after };
  const isSame = before === after && (file.kind === 'block' || found.mode === file.mode);
  return { file, action: isSame ? 'nothing' : 'change', before, after };
}

function textsToInstall(
  { kind, text }: InstalledFile,
  found: TreeFile | undefined,
): Pick<FileChange, 'before' | 'after'> {
  const before = found?.text;
  switch (kind) {
    case 'block':
      return { before, after: withBlock(before ?? scriptHeader, text) };
    case 'settings':
      return { before, after: before ?? text };
    case 'program':
    case 'link':
    case 'whole':
    case 'service':
      return { before, after: text };
  }
}

/** Whether what is there is ours, or will stay. Before there was a link, the program was one file in its place. */
function mayReplace({ kind, text }: InstalledFile, found: TreeFile): boolean {
  switch (kind) {
    case 'program':
    case 'block':
    case 'settings':
      return true;
    case 'link':
      return found.isLink === true ? found.text === text : hasMark(found.text);
    case 'whole':
    case 'service':
      return found.text === text || hasMark(found.text);
  }
}

/**
 * What takes the file away, `found` being what is there now. A file of somebody else stays; so do settings, unless
 * `purge`. A service that somebody edited is saved beside its place under a name that neither systemd nor run-parts(8)
 * reads: without the program it could only fail.
 */
export function changeToRemove(
  file: InstalledFile,
  found: TreeFile | undefined,
  { purge }: { purge: boolean },
): FileChange {
  if (found === undefined) return { file, action: 'nothing', before: undefined, after: undefined };
  const { text: before } = found;
  if (file.kind === 'block') return blockRemoval(file, before);
  const action = file.kind === 'settings' ? (purge ? 'remove' : 'keep') : removalOf(file, found, purge);
  return { file, action, before, after: action === 'keep' ? before : undefined };
}

function removalOf(file: InstalledFile, found: TreeFile, purge: boolean): FileAction {
  if (!mayReplace(file, found)) return 'keep';
  const isEdited = file.kind === 'service' && found.text !== file.text;
  return isEdited && !purge ? 'save' : 'remove';
}

function blockRemoval(file: InstalledFile, before: string): FileChange {
  const after = withoutBlock(before);
  if (after === before) return { file, action: 'nothing', before, after };
  return after === scriptHeader
    ? { file, action: 'remove', before, after: undefined }
    : { file, action: 'change', before, after };
}
