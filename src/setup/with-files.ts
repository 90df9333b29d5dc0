import { rm, rmdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { OwnFileChange } from '../config/own-files.ts';
import { GeofenceError, UnfinishedError, messageOf } from '../errors.ts';
import { makeFolder, readIfExists } from '../system/files.ts';
import { writeFileAtomic } from '../system/write-file.ts';

/**
 * Lets files hold what is `after` while `work` is done, and from then on; returns what `work` returns. When that fails,
 * the files are as they were, and its error is thrown; but they stay when what they state holds nevertheless, unless
 * `isTrial`: then it is about to be taken back. Throws GeofenceError, and writes nothing more, when somebody else changed
 * one of the files meanwhile.
 */
export async function withFiles<T>(
  changes: readonly OwnFileChange[],
  { warn, isTrial }: { readonly warn: (text: string) => void; readonly isTrial: boolean },
  work: () => Promise<T>,
): Promise<T> {
  const todo = changes.filter(({ before, after }) => before !== after);
  const undo: (() => Promise<void>)[] = [];
  try {
    for (const change of todo) {
      await requireText(change.path, change.before);
      undo.unshift(await carryOut(change));
    }
    return await work();
  } catch (error) {
    if (error instanceof UnfinishedError && !isTrial) throw error;
    for (const one of undo) {
      await one().catch((problem: unknown) =>
        warn(`the settings that did not come into force are still there: ${messageOf(problem)}`),
      );
    }
    throw error;
  }
}

/** Writes or removes the file; returns what takes that back. */
async function carryOut({ path, before, after }: OwnFileChange): Promise<() => Promise<void>> {
  const folder = dirname(path);
  const isFolderNew = !(await isThere(folder));
  const mode = before === undefined ? 0o644 : (await stat(path)).mode & 0o777;
  await makeFolder(folder);
  await put(path, after, mode);
  return async () => {
    await requireText(path, after);
    await put(path, before, mode);
    // Somebody may have put something else there.
    if (isFolderNew) await rmdir(folder).catch(() => {});
  };
}

const put = async (path: string, text: string | undefined, mode: number): Promise<void> =>
  text === undefined ? await rm(path) : await writeFileAtomic(path, text, { mode });

const isThere = async (path: string): Promise<boolean> =>
  await stat(path).then(
    () => true,
    () => false,
  );

/** Answers take their time, and so does a trial. Links are refused: a file of ours would take the place of theirs. */
async function requireText(path: string, expected: string | undefined): Promise<void> {
  const found = (await readIfExists(path, { plainOnly: true }))?.toString('utf8');
  if (found === expected) return;
  throw new GeofenceError(`Cannot write "${path}": somebody else has changed it meanwhile`);
}
