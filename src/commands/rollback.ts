import { exitCodes } from '../errors.ts';
import { describeChange } from '../plan/describe-change.ts';
import { formatTable, listRows } from '../words/format.ts';
import type { Context, Outcome } from '../context/context.ts';
import { changeLocked } from '../apply/with-lock.ts';
import { rollBack } from '../apply/roll-back.ts';

/**
 * Takes the last change back, the remembered policy included. `pending` is how the timer of `refresh --confirm` calls
 * it: it waits until the time has come, and does nothing when that change was confirmed or taken back before.
 */
export async function rollback(context: Context, pending?: string): Promise<Outcome> {
  const { memory } = context.config;
  if (pending !== undefined) await waitUntilDue(context, pending);
  await context.backend.probe();
  const changes = await changeLocked(context, async (signal) => {
    const unconfirmed = await memory.pending.read();
    if (pending !== undefined && (unconfirmed?.id !== pending || unconfirmed.isTakenBack)) return [];
    return await rollBack({ ...context, signal }, { isAsked: pending === undefined });
  });
  return {
    exitCode: exitCodes.done,
    text: formatTable(listRows('done', changes.map(describeChange), 'nothing, the fence was as before')),
    json: { applied: changes.length > 0, changes: changes.map(describeChange) },
  };
}

async function waitUntilDue({ config, system, signal }: Context, id: string): Promise<void> {
  const found = await config.memory.pending.read();
  if (found?.id === id) await system.sleep(Math.max(0, Date.parse(found.until) - system.now()), signal);
}
