import { rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { GeofenceError, messageOf } from '../errors.ts';
import { makeFolder, readIfExists, writeFileAtomic } from '../system/files.ts';
import type { Context } from '../context/context.ts';

/** The configuration file before it was edited. */
export interface ConfigFile {
  readonly path: string;
  /** Undefined when there was none. */
  readonly before: string | undefined;
  /** Permission bits. */
  readonly mode: number;
}

export async function readConfigFile(path: string): Promise<ConfigFile> {
  const before = await readText(path);
  const mode = before === undefined ? 0o644 : (await stat(path)).mode & 0o777;
  return { path, before, mode };
}

/** Links are refused: a file of ours would take the place of what somebody keeps elsewhere. */
const readText = async (path: string): Promise<string | undefined> =>
  (await readIfExists(path, { plainOnly: true }))?.toString('utf8');

/** Lets the file hold `text` while `work` is done, and from then on; when it fails, the file is as it was. */
export async function withConfigFile<T>(
  file: ConfigFile,
  text: string,
  { warn }: Context,
  work: () => Promise<T>,
): Promise<T> {
  const { path, before, mode } = file;
  await requireText(path, before);
  if (text === before) return await work();
  await makeFolder(dirname(path));
  await writeFileAtomic(path, text, { mode });
  try {
    return await work();
  } catch (error) {
    try {
      await requireText(path, text);
      await (before === undefined ? rm(path) : writeFileAtomic(path, before, { mode }));
    } catch (problem) {
      warn(`the settings that did not come into force are still there: ${messageOf(problem)}`);
    }
    throw error;
  }
}

/** Answers take their time, and so does a trial. */
async function requireText(path: string, expected: string | undefined): Promise<void> {
  if ((await readText(path)) === expected) return;
  throw new GeofenceError(`Cannot write "${path}": somebody else has changed it meanwhile`);
}
