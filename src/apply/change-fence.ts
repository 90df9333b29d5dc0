import { messageOf } from '../errors.ts';
import type { Actual } from '../firewall/backend.ts';
import type { Change, DesiredState } from '../firewall/model.ts';
import { enforce } from './enforce.ts';
import type { Context } from '../context/context.ts';
import { armRollback } from './commit-confirm.ts';

/**
 * Carries out changes so that `rollback` can undo them: what is there now is saved first, and with --confirm the clock
 * is set. When it fails, the kernel and what is remembered are as they were.
 */
export async function changeFence(
  context: Context,
  target: DesiredState,
  before: Actual,
  changes: readonly Change[],
): Promise<void> {
  const { config, flags } = context;
  const { former, pending } = config.memory;
  const putBack = [former.keep(), pending.keep()];
  await saveFormer(context, before);
  try {
    if (flags.confirmSeconds !== undefined) await armRollback(context, flags.confirmSeconds);
    await enforce(context.backend, target, before, changes);
  } catch (error) {
    for (const put of putBack) await put();
    throw error;
  }
}

/** Keeps what is there now, for `rollback`. */
async function saveFormer({ config, system, backend }: Context, before: Actual): Promise<void> {
  const { former, policy } = config.memory;
  await former.write({
    savedAt: new Date(system.now()).toISOString(),
    fence: backend.toSnapshot(before),
    policy: await policy.read(),
    iptables: config.settings.iptables,
  });
}

/** Takes the fence away, also where nothing can be written or read any more: it is the emergency exit. */
export async function removeFence(
  context: Context,
  target: DesiredState,
  before: Actual,
  changes: readonly Change[],
): Promise<void> {
  try {
    await saveFormer(context, before);
  } catch (error) {
    context.warn(`rollback will not bring the fence back: ${messageOf(error)}`);
  }
  await enforce(context.backend, target, before, changes);
}
