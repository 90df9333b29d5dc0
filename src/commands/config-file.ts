import { rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { messageOf } from '../errors.ts';
import { makeFolder, readIfExists, writeFileAtomic } from '../system/files.ts';
import type { Context } from './context.ts';

/** The configuration file before it was edited. */
export interface ConfigFile {
  readonly path: string;
  /** Undefined when there was none. */
  readonly before: string | undefined;
  /** Permission bits. */
  readonly mode: number;
}

/** Links are refused: what they lead to might be edited by somebody else, or replaced by our file. */
export async function readConfigFile(path: string): Promise<ConfigFile> {
  const before = (await readIfExists(path, { plainOnly: true }))?.toString('utf8');
  const mode = before === undefined ? 0o644 : (await stat(path)).mode & 0o777;
  return { path, before, mode };
}

/** Lets the file hold `text` while `work` is done, and from then on; when it fails, the file is as it was. */
export async function withConfigFile<T>(
  file: ConfigFile,
  text: string,
  { warn }: Context,
  work: () => Promise<T>,
): Promise<T> {
  const { path, before, mode } = file;
  if (text === before) return await work();
  await makeFolder(dirname(path));
  await writeFileAtomic(path, text, { mode });
  try {
    return await work();
  } catch (error) {
    try {
      await putBack(file, text);
    } catch (problem) {
      warn(`"${path}" still has the settings that did not come into force: ${messageOf(problem)}`);
    }
    throw error;
  }
}

async function putBack({ path, before, mode }: ConfigFile, written: string): Promise<void> {
  const now = (await readIfExists(path, { plainOnly: true }))?.toString('utf8');
  if (now !== written) throw new Error('somebody else changed it meanwhile');
  if (before === undefined) await rm(path);
  else await writeFileAtomic(path, before, { mode });
}
