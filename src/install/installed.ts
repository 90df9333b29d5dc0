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

export async function readInstalled(tree: Tree): Promise<Installed> {
  try {
    const { prefix, folders } = JSON.parse((await tree.read(installedPath))?.text ?? '{}') as Record<
      string,
      unknown
    >;
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

export async function notePrefix(tree: Tree, prefix: string): Promise<void> {
  await makeFolders(tree, [hostFolders.state]);
  const installed = await readInstalled(tree);
  if (installed.prefix !== prefix) await writeInstalled(tree, { ...installed, prefix });
}

/** Makes these folders, and notes those that were not there. */
export async function makeFolders(tree: Tree, paths: readonly string[]): Promise<void> {
  const made = [];
  for (const path of paths) made.push(...(await tree.makeFolder(path)));
  if (made.length === 0) return;
  made.push(...(await tree.makeFolder(hostFolders.state)));
  const installed = await readInstalled(tree);
  await writeInstalled(tree, { ...installed, folders: [...installed.folders, ...made] });
}

/** Removes what was noted: these folders with all that is in them, the others if nothing is. */
export async function removeFolders(tree: Tree, whole: readonly string[]): Promise<void> {
  const { folders } = await readInstalled(tree);
  await tree.remove(installedPath);
  for (const folder of whole) await tree.remove(folder);
  for (const folder of [...folders].sort().toReversed()) await tree.removeEmpty(folder);
}
