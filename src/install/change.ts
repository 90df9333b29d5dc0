import { GeofenceError } from '../errors.ts';
import { scriptHeader, withBlock, withoutBlock } from './block.ts';
import type { InstalledFile } from './manifest.ts';
import { isOurs } from './mark.ts';

/** A file as it is on the disk. */
export interface FoundFile {
  readonly text: string;
  /** Permission bits. */
  readonly mode: number;
}

/** What there is to do with a file. `keep` is somebody's: their settings, or a file of theirs where ours would be. */
export type Action = 'create' | 'change' | 'remove' | 'save' | 'keep' | 'nothing';

/** From one text to another; undefined where there is no file. */
export interface FileChange {
  readonly file: InstalledFile;
  readonly action: Action;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** What makes the file as it should be. Throws for a file that is not ours. */
export function changeToInstall(file: InstalledFile, found: FoundFile | undefined): FileChange {
  const { before, after } = textsToInstall(file, found);
  if (found === undefined) return { file, action: 'create', before, after };
  if (file.kind === 'settings') return { file, action: 'keep', before, after };
  const isSame = before === after && (file.kind === 'block' || found.mode === file.mode);
  return { file, action: isSame ? 'nothing' : 'change', before, after };
}

function textsToInstall(
  { path, kind, text }: InstalledFile,
  found: FoundFile | undefined,
): Pick<FileChange, 'before' | 'after'> {
  const before = found?.text;
  switch (kind) {
    case 'block':
      return { before, after: withBlock(before ?? scriptHeader, text) };
    case 'settings':
      return { before, after: before ?? text };
    case 'whole':
    case 'service':
      if (before === undefined || before === text || isOurs(before)) return { before, after: text };
      throw new GeofenceError(`Cannot install "${path}": another file is in its place`, {
        hint: 'look at it, and move it away or delete it',
      });
  }
}

/**
 * What takes the file away. Somebody's stays. A service that somebody edited is saved beside its place under a name
 * that neither systemd nor run-parts(8) reads: without the program it could only fail.
 */
export function changeToRemove(
  file: InstalledFile,
  found: FoundFile | undefined,
  { purge }: { purge: boolean },
): FileChange {
  const before = found?.text;
  if (before === undefined) return { file, action: 'nothing', before, after: undefined };
  if (file.kind === 'block') return blockRemoval(file, before);
  const action = file.kind === 'settings' ? (purge ? 'remove' : 'keep') : removalOf(file, before, purge);
  return { file, action, before, after: action === 'keep' ? before : undefined };
}

function removalOf({ kind, text }: InstalledFile, before: string, purge: boolean): Action {
  if (!isOurs(before)) return 'keep';
  return kind === 'service' && before !== text && !purge ? 'save' : 'remove';
}

function blockRemoval(file: InstalledFile, before: string): FileChange {
  const after = withoutBlock(before);
  if (after === before) return { file, action: 'nothing', before, after };
  return after === scriptHeader
    ? { file, action: 'remove', before, after: undefined }
    : { file, action: 'change', before, after };
}
