import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../src/errors.ts';
import { kernelSkip } from '../helpers/kernel-skip.ts';
import { allowCanada, denyRussia } from './fences.ts';
import { momentName } from './killer.ts';
import { Siege } from './siege.ts';
import { Tally } from './tally.ts';

const skip = await kernelSkip('nft', 'legacy');

const RANDOM_KILLS = 8;
const LONGEST_RUN_MILLISECONDS = 400;
/** Two seconds, another run that may be at work, and a busy machine. */
const LONGEST_WAIT_MILLISECONDS = 20_000;

/** Its clock must not begin before the change has ended, on a busy machine either: the calls of both are counted. */
const onTrial = { args: [...denyRussia.call.args, '--confirm', '2'] };
const sides = [allowCanada, denyRussia] as const;

/** Waits until no change waits to be confirmed; whether it came to that. */
async function isSettled(siege: Siege): Promise<boolean> {
  const until = performance.now() + LONGEST_WAIT_MILLISECONDS;
  while (performance.now() < until) {
    if (!(await siege.isPending())) return true;
    await sleep(50);
  }
  return false;
}

const tally = new Tally();

test('refresh --confirm and rollback, killed at any moment', { skip, concurrency: 3 }, async (t) => {
  await Promise.all([
    t.test('the clock of a killed refresh --confirm brings the former fence back', async (context) => {
      const siege = await Siege.start(context, 'nft', denyRussia, tally);
      await siege.bring(allowCanada);
      const moments = await siege.momentsOf(onTrial);
      const times = Array.from({ length: RANDOM_KILLS }, () => Math.random() * LONGEST_RUN_MILLISECONDS);
      assert.ok(await isSettled(siege));
      for (const at of [...moments, ...times]) {
        try {
          await siege.kill(onTrial, at);
          await siege.assertOldOrNew(allowCanada, denyRussia);
          // Killed between the note of a change and its clock, nothing was changed yet; the next run sees to the note.
          if (!(await isSettled(siege))) assert.ok(typeof at === 'number', 'taken back in time');
          assert.deepEqual(await siege.sidesNow(sides), [allowCanada, allowCanada]);
          await siege.call({ args: ['refresh'] }, [0], { isTold: true });
          await siege.call({ args: ['status'] });
          assert.deepEqual(await siege.sidesNow(sides), [allowCanada, allowCanada]);
          assert.deepEqual(await siege.litter(), []);
        } catch (error) {
          throw new Error(`killed ${momentName(at)}: ${messageOf(error)}`, { cause: error });
        }
      }
      await siege.end(sides);
    }),
    t.test('when the clock itself is killed, rollback and restore finish its work', async (context) => {
      const siege = await Siege.start(context, 'nft', denyRussia, tally);
      await siege.bring(allowCanada);
      const first = (await siege.momentsOf(onTrial)).at(-1)?.call ?? assert.fail();
      assert.ok(await isSettled(siege));
      const moments = (await siege.killer.moments()).filter(({ call }) => call > first);
      assert.ok(moments.length > 10, `${moments.length} moments`);
      for (const [i, at] of moments.entries()) {
        try {
          await siege.bring(allowCanada);
          await siege.killLater(onTrial, at);
          await siege.assertOldOrNew(denyRussia, allowCanada);
          const args = [i % 2 === 0 ? 'rollback' : 'restore'];
          // What was done already need not be done again.
          await siege.call({ args }, [0, 1], { isTold: true });
          assert.deepEqual(await siege.sidesNow(sides), [allowCanada, allowCanada]);
          await siege.call({ args: ['status'] });
          assert.deepEqual(await siege.litter(), []);
        } catch (error) {
          throw new Error(`killed ${momentName(at)}: ${messageOf(error)}`, { cause: error });
        }
      }
      await siege.end(sides);
    }),
    t.test('a killed rollback leaves the one fence or the other, and the next run heals', async (context) => {
      const siege = await Siege.start(context, 'legacy', denyRussia, tally);
      await siege.bring(allowCanada);
      await siege.bring(denyRussia);
      const rollback = { args: ['rollback'] };
      const moments = await siege.momentsOf(rollback);
      const times = Array.from({ length: RANDOM_KILLS }, () => Math.random() * LONGEST_RUN_MILLISECONDS);
      for (const [i, at] of [...moments, ...times].entries()) {
        try {
          await siege.bring(allowCanada);
          await siege.bring(denyRussia);
          await siege.kill(rollback, at);
          await siege.assertOldOrNew(denyRussia, allowCanada);
          const args = ['rollback', 'refresh', 'restore'].slice(i % 3, (i % 3) + 1);
          await siege.call({ args }, args[0] === 'rollback' ? [0, 1] : [0], { isTold: true });
          const [one, other] = await siege.sidesNow(sides);
          assert.equal(one, other);
          if (args[0] === 'rollback') assert.equal(one, allowCanada);
          await siege.call({ args: ['status'] });
          assert.deepEqual(await siege.litter(args[0] === 'refresh' ? '' : 'state'), []);
        } catch (error) {
          throw new Error(`killed ${momentName(at)}: ${messageOf(error)}`, { cause: error });
        }
      }
      await siege.end(sides);
    }),
  ]);
  tally.assertNoneAmiss();
  t.diagnostic(tally.line());
});
