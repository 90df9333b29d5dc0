import { join } from 'node:path';
import { hostFolders } from '../config/folders.ts';
import type { Tree } from '../system/tree.ts';

/** What uninstalling has to know of the installation. */
export interface Installed {
  readonly prefix?: string;
  /** Those that were not there before: exactly they go with it. */
  readonly folders: readonly string[];
}

const installedPath = join(hostFolders.state, 'installed.json');

/**
 * What was noted of the installation in this tree; what is no such note counts as empty. Throws GeofenceError
 * where it cannot be read.
 */
export async function readInstalled(tree: Tree): Promise<Installed> {
  try {
    const found = JSON.parse((await tree.read(installedPath))?.text ?? '{}') as unknown;
    const { prefix, folders } = { ...(found as Record<string, unknown> | null) };
    return {
      ...(typeof prefix === 'string' ? { prefix } : {}),
      folders: Array.isArray(folders) ? folders.filter((folder) => typeof folder === 'string') : [],
    };
  } catch (error) {
    // A loss of power cut it short: some empty folders stay.
    if (error instanceof SyntaxError) return { folders: [] };
    throw error;
  }
}

async function writeInstalled(tree: Tree, installed: Installed): Promise<void> {
  await tree.write(installedPath, `${JSON.stringify(installed, undefined, 2)}\n`, 0o644);
}

/** Notes where geofence is installed, which `uninstall` goes by. Throws GeofenceError where it cannot be written. */
export async function notePrefix(tree: Tree, prefix: string): Promise<void> {
  await makeFolders(tree, [hostFolders.state]);
  const installed = await readInstalled(tree);
  if (installed.prefix !== prefix) await writeInstalled(tree, { ...installed, prefix });
}

/**
 * Makes folders of the tree with those above them, and notes those that were not there: `removeFolders` removes them.
 * Throws GeofenceError where one cannot be made.
 */
export async function makeFolders(tree: Tree, paths: readonly string[]): Promise<void> {
  const made = [];
  for (const path of paths) made.push(...(await tree.makeFolder(path)));
  if (made.length === 0) return;
  made.push(...(await tree.makeFolder(hostFolders.state)));
  const installed = await readInstalled(tree);
  await writeInstalled(tree, { ...installed, folders: [...installed.folders, ...made] });
}

/**
 * Removes the note of the installation, the folders of `whole` with all that is in them, and those that `makeFolders`
 * noted if nothing is in them. Throws GeofenceError where that fails.
 */
export async function removeFolders(tree: Tree, whole: readonly string[]): Promise<void> {
  const { folders } = await readInstalled(tree);
  await tree.remove(installedPath);
  for (const folder of whole) await tree.removeFolder(folder);
  for (const folder of [...folders].sort().toReversed()) await tree.removeEmpty(folder);
}
