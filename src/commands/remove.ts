import { exitCodes } from '../errors.ts';
import { diff } from '../plan/diff.ts';
import { noFence } from '../plan/state.ts';
import { describeChange } from '../report/changes.ts';
import { formatTable, listRows } from '../report/format.ts';
import { changeFence } from './change-fence.ts';
import type { Context, Outcome } from './context.ts';
import { changeLocked } from './locked.ts';

/** Takes away everything that is ours in the kernel, and the memory of the policy, so that cron does not bring it back. */
export async function remove(context: Context): Promise<Outcome> {
  const { config, flags, backend, warn } = context;
  const { memory } = config;
  await backend.probe();
  const changes = await changeLocked(context, async (signal) => {
    const before = await backend.read();
    const wanted = diff(noFence, before);
    if (flags.dryRun) return wanted;
    signal.throwIfAborted();
    if (wanted.length > 0) await changeFence(context, noFence, before, wanted);
    await memory.policy.forget();
    await memory.pending.forget();
    return wanted;
  });
  if (!flags.dryRun && config.file !== undefined && config.origin === config.file) {
    warn(`"${config.file}" still states a policy: the next refresh or restore puts the fence back`);
  }
  const done = changes.map(describeChange);
  return {
    exitCode: exitCodes.done,
    text: formatTable(listRows(flags.dryRun ? 'to do' : 'done', done, 'nothing, there was no fence')),
    json: { applied: !flags.dryRun && done.length > 0, changes: done },
  };
}
