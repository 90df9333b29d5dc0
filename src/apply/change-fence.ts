import { messageOf } from '../errors.ts';
import { snapshotOf } from '../plan/snapshot.ts';
import type { Change, State } from '../firewall/model.ts';
import { applyChanges } from './apply-changes.ts';
import type { Context } from '../context/context.ts';
import { armRollback, tryRead } from './commit-confirm.ts';

/**
 * Carries out changes so that `rollback` can undo them: what is there now is saved first, and with --confirm the clock
 * is set. When it fails, the kernel and what is remembered are as they were.
 */
export async function changeFence(
  context: Context,
  target: State,
  before: State,
  changes: readonly Change[],
): Promise<void> {
  const { config, flags } = context;
  const { former, pending } = config.memory;
  const [earlier, unconfirmed] = [await tryRead(former.read()), await tryRead(pending.read())];
  await saveFormer(context, before);
  try {
    if (flags.confirmSeconds !== undefined) await armRollback(context, flags.confirmSeconds);
    await applyChanges(context, target, before, changes);
  } catch (error) {
    await (earlier === undefined ? former.forget() : former.write(earlier));
    await (unconfirmed === undefined ? pending.forget() : pending.write(unconfirmed));
    throw error;
  }
}

/** Keeps what is there now, for `rollback`. */
async function saveFormer({ config, system }: Context, before: State): Promise<void> {
  const { former, policy } = config.memory;
  await former.write({
    savedAt: new Date(system.now()).toISOString(),
    fence: snapshotOf(before),
    policy: await policy.read(),
    iptables: config.settings.iptables,
  });
}

/** Takes the fence away, also where nothing can be written or read any more: it is the emergency exit. */
export async function removeFence(
  context: Context,
  target: State,
  before: State,
  changes: readonly Change[],
): Promise<void> {
  try {
    await saveFormer(context, before);
  } catch (error) {
    context.warn(`rollback will not bring the fence back: ${messageOf(error)}`);
  }
  await applyChanges(context, target, before, changes);
}
