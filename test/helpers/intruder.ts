import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown } from 'node:fs/promises';
import type { TestContext } from 'node:test';
import { OTHER_USER, asOtherUser, hasOtherUser } from './other-user.ts';

/** Longer than a test has any business to take. */
const LONGEST_MILLISECONDS = 30_000;

/**
 * Somebody who does the same over and over in a folder of theirs, as fast as they can, until the test ends: another user where
 * we can become one. `script` is JavaScript, with `fs` and `dir` at hand; what fails in it is tried again.
 */
export async function startIntruder(t: TestContext, dir: string, script: string): Promise<void> {
  const isOther = await hasOtherUser();
  if (isOther) await chown(dir, OTHER_USER, OTHER_USER);
  const loop = `const fs = require('node:fs'); const dir = process.argv[1];
    console.log('ready'); for (;;) try { ${script} } catch {}`;
  const [file, ...args] = [...(isOther ? asOtherUser : []), process.execPath, '-e', loop, dir];
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'], timeout: LONGEST_MILLISECONDS });
  t.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
}
