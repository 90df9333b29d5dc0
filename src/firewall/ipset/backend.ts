import { GeofenceError } from '../../errors.ts';
import { isOurSet } from '../../plan/names.ts';
import type { SetState } from '../../plan/state.ts';
import type { Run } from '../../system/run.ts';
import { CommandError } from '../../system/run.ts';
import { quoteLine } from '../quote-line.ts';
import { parseEntryCount, parseSavedSet } from './parse.ts';
import type { FilledSet } from './script.ts';

/** Reads our sets, and only ours. */
export async function readSets(run: Run): Promise<Map<string, SetState>> {
  const { stdout } = await run('ipset', ['list', '-n']);
  const names = stdout.toString('utf8').split('\n').filter(isOurSet).sort();
  const sets = await Promise.all(
    names.map(async (name) => parseSavedSet((await run('ipset', ['save', name])).stdout)),
  );
  return new Map(sets.map((set) => [set.name, set]));
}

/** Feeds a text to `ipset restore`, which stops at the first line it cannot carry out and keeps what it did. */
export async function restoreSets(run: Run, input: string): Promise<void> {
  try {
    await run('ipset', ['restore'], { input });
  } catch (error) {
    throw quoteLine(error, input);
  }
}

/** Fills sets that nothing looks at yet, and makes sure each holds what it should. Leaves none behind on failure. */
export async function prepareSets(run: Run, input: string, filled: readonly FilledSet[]): Promise<void> {
  try {
    await restoreSets(run, input);
    for (const set of filled) await checkFilled(run, set);
  } catch (error) {
    // They may not exist, if it failed early: what matters is the first error.
    for (const { name } of filled) await run('ipset', ['destroy', name]).catch(() => {});
    throw error;
  }
}

async function checkFilled(run: Run, { name, header, entries }: FilledSet): Promise<void> {
  const { stdout } = await run('ipset', ['list', '-t', name]);
  const text = stdout.toString('utf8');
  const [type, ...options] = header.split(' ');
  const isRight = text.includes(`\nType: ${type}\n`) && text.includes(`\nHeader: ${options.join(' ')} `);
  if (isRight && parseEntryCount(text) === entries) return;
  throw new GeofenceError(
    `Cannot fill set ${name}: wanted "${header}" with ${entries} entries, the kernel has:\n${text}`,
  );
}

const TIDY_ATTEMPTS = 20;
const TIDY_PAUSE_MILLISECONDS = 100;

/**
 * Destroys sets. The kernel lets go of a set only some time after its last rule went (RCU): up to a second of "in use
 * by a kernel component" is normal.
 */
export async function tidySets(run: Run, sleep: (ms: number) => Promise<void>, input: string): Promise<void> {
  let rest = input.split('\n').filter((line) => line !== '');
  for (let attempt = 1; rest.length > 0; attempt++) {
    const failed: string[] = [];
    for (const line of rest) {
      await restoreSets(run, `${line}\n`).catch((error: unknown) => {
        const isInUse =
          error instanceof CommandError && error.stderr.includes('in use by a kernel component');
        if (!isInUse || attempt === TIDY_ATTEMPTS) throw error;
        failed.push(line);
      });
    }
    rest = failed;
    if (rest.length > 0) await sleep(TIDY_PAUSE_MILLISECONDS);
  }
}
