import { readFile } from 'node:fs/promises';
import { ownPaths } from '../../src/config/files.ts';

/** What the files that geofence writes beside a configuration file state, without comments and empty lines. */
export async function statedByUs(config: string): Promise<Record<string, string[]>> {
  const stated: Record<string, string[]> = {};
  for (const [role, path] of Object.entries(ownPaths(config))) {
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text !== undefined) stated[role] = text.split('\n').filter((line) => !/^(#.*)?$/.test(line));
  }
  return stated;
}
