import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { joinTasks } from '../../src/system/join-tasks.ts';

test('joinTasks() gives the results in order', async () => {
  const tasks = [sleep(5, 'a'), Promise.resolve('b')];
  assert.deepEqual(await joinTasks(tasks, () => assert.fail()), ['a', 'b']);
});

test('joinTasks() stops the others when one fails, and waits until they did', async () => {
  const events: string[] = [];
  const stopped = new AbortController();
  const slow = async (): Promise<void> => {
    await sleep(60_000, undefined, { signal: stopped.signal }).catch(() => events.push('stopped'));
    await sleep(10);
    events.push('ended');
    throw new Error('because of the other');
  };
  const tasks = [Promise.reject(new Error('full')), slow()];
  const outcome = joinTasks(tasks, (reason) => stopped.abort(reason)).finally(() => events.push('rejected'));
  await assert.rejects(outcome, /^Error: full$/);
  assert.equal(stopped.signal.reason.message, 'full');
  assert.deepEqual(events, ['stopped', 'ended', 'rejected']);
});
