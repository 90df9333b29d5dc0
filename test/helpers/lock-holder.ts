import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { withLock } from '../../src/system/lock.ts';
import { messageOf } from '../../src/errors.ts';

/**
 * lock-holder FOLDER: holds the lock as a process of its own until its input ends. Prints "locked" and then
 * "released", or why it cannot.
 */
const [dir = '.'] = process.argv.slice(2);
try {
  await withLock(
    dir,
    async () => {
      console.log('locked');
      await once(process.stdin.resume(), 'end');
      console.log('released');
    },
    { sleep },
  );
} catch (error) {
  console.log(messageOf(error));
}
process.stdin.destroy();
