import { exitCodes, messageOf } from '../errors.ts';
import { diff } from '../plan/diff.ts';
import { noFence } from '../firewall/rulesets.ts';
import type { Change } from '../firewall/model.ts';
import { describeChange } from '../plan/describe-change.ts';
import { formatTable, listRows } from '../words/format.ts';
import { removeFence } from '../apply/change-fence.ts';
import type { Context, Outcome } from '../context/context.ts';
import { changeLockedIfPossible } from '../apply/with-lock.ts';
import { findFenceInOtherBackend } from '../apply/other-backend.ts';

/** Takes away everything that is ours in the kernel, and the memory of the policy, so that cron does not bring it back. */
export async function remove(context: Context): Promise<Outcome> {
  const { config, flags, warn } = context;
  const done = await removeEverything(context);
  const file = config.fileOf('allow', 'deny');
  if (!flags.dryRun && file !== undefined) {
    warn(`"${file}" still states a policy: the next refresh or restore puts the fence back`);
  }
  return {
    exitCode: exitCodes.done,
    text: formatTable(listRows(flags.dryRun ? 'to do' : 'done', done, 'nothing, there was no fence')),
    json: { applied: !flags.dryRun && done.length > 0, changes: done },
  };
}

/** The same, told as the changes of the kernel. */
export async function removeEverything(context: Context): Promise<string[]> {
  const { variant } = await context.backend.probe();
  const changes = await changeLockedIfPossible(context, async (signal) => {
    const otherFence = await findFenceInOtherBackend(context, variant);
    const elsewhere =
      otherFence === undefined ? [] : await takeAway({ ...context, backend: otherFence.backend, signal });
    const here = await takeAway({ ...context, signal });
    if (!context.flags.dryRun) await forget(context);
    return [...elsewhere, ...here];
  });
  return changes.map(describeChange);
}

async function takeAway(context: Context): Promise<Change[]> {
  const before = await context.backend.read('content');
  const changes = diff(noFence, before);
  context.signal.throwIfAborted();
  if (!context.flags.dryRun && changes.length > 0) await removeFence(context, noFence, before, changes);
  return changes;
}

/** That the fence is gone matters more than that it is forgotten. */
async function forget({ config, warn }: Context): Promise<void> {
  try {
    await config.memory.policy.forget();
    await config.memory.pending.forget();
  } catch (error) {
    warn(`the policy is still remembered, and the next refresh brings it back: ${messageOf(error)}`);
  }
}
