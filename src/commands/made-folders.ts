import type { Tree } from '../system/tree.ts';

/** Which folders were not there before the installation, so that exactly they go with it. */
const PATH = '/var/lib/geofence/installed.json';

async function readFolders(tree: Tree): Promise<string[]> {
  const text = (await tree.read(PATH))?.text ?? '{}';
  try {
    const { folders } = JSON.parse(text) as { folders?: unknown };
    return Array.isArray(folders) ? folders.filter((folder) => typeof folder === 'string') : [];
  } catch {
    // A loss of power cut it short: some empty folders stay.
    return [];
  }
}

/** Makes these folders, and notes those that were not there. */
export async function makeFolders(tree: Tree, paths: readonly string[]): Promise<void> {
  const made = [];
  for (const path of paths) made.push(...(await tree.makeFolder(path)));
  if (made.length === 0) return;
  made.push(...(await tree.makeFolder('/var/lib/geofence')));
  const folders = [...(await readFolders(tree)), ...made];
  await tree.write(PATH, `${JSON.stringify({ folders }, undefined, 2)}\n`, 0o644);
}

/** Removes those in which nothing is any more. */
export async function removeFolders(tree: Tree): Promise<void> {
  const folders = await readFolders(tree);
  await tree.remove(PATH);
  for (const folder of folders.sort().toReversed()) await tree.removeEmpty(folder);
}
