import { lstat, mkdir, readFile, readdir, readlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Everything below a folder, a line each: type and mode, path, content. Equal for trees that are byte for byte the same. */
export async function listTree(root: string): Promise<string[]> {
  const names = await readdir(root, { recursive: true });
  return await Promise.all(names.sort().map(async (name) => await describe(join(root, name), name)));
}

async function describe(path: string, name: string): Promise<string> {
  const stats = await lstat(path);
  const mode = (stats.mode & 0o7777).toString(8);
  if (stats.isDirectory()) return `folder ${mode} ${name}`;
  if (stats.isSymbolicLink()) return `link ${name} ${await readlink(path)}`;
  return `file ${mode} ${name} ${JSON.stringify(await readFile(path, 'latin1'))}`;
}

/** Puts files into a folder, with the folders they are in. */
export async function plant(root: string, files: Record<string, string>, mode = 0o644): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text, { mode });
  }
}
