import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown } from 'node:fs/promises';
import { OTHER_USER, asOtherUser, hasOtherUser } from './other-user.ts';

/** Longer than a test has any business to take. */
const LONGEST_MILLISECONDS = 30_000;

/**
 * Does `work` while somebody else does the same over and over in a folder of theirs, as fast as they can: another user
 * where we can become one. `script` is JavaScript, with `fs` and `dir` at hand; what fails in it is tried again. They
 * are gone when this returns: nobody could remove a folder in which they go on.
 */
export async function besideIntruder(dir: string, script: string, work: () => Promise<void>): Promise<void> {
  const isOther = await hasOtherUser();
  if (isOther) await chown(dir, OTHER_USER, OTHER_USER);
  const loop = `const fs = require('node:fs'); const dir = process.argv[1];
    console.log('ready'); for (;;) try { ${script} } catch {}`;
  const [file, ...args] = [...(isOther ? asOtherUser : []), process.execPath, '-e', loop, dir];
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'], timeout: LONGEST_MILLISECONDS });
  const end = once(child, 'close');
  try {
    await once(child.stdout, 'data');
    await work();
  } finally {
    child.kill('SIGKILL');
    await end;
  }
}
