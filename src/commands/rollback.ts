import { rollBack } from '../apply/roll-back.ts';
import { changeLockedIfPossible } from '../apply/with-lock.ts';
import type { Context } from '../context/context.ts';
import { lockingOf } from '../context/context.ts';
import type { Outcome } from '../context/outcome.ts';
import { exitCodes } from '../errors.ts';
import { readHostFacts } from '../host/host-facts.ts';
import { describeChange } from '../plan/describe-change.ts';
import type { ChangesReport } from '../report/applied.ts';
import { renderChanges } from '../report/applied.ts';

/**
 * Takes the last change back, the remembered policy included. `pending` is the id with which the timer of `refresh
 * --confirm` calls: it waits until the time has come, and does nothing when that change was confirmed or taken back
 * before. A state folder that cannot be written is a warning. Throws what rollBack() and changeLockedIfPossible() throw.
 */
export async function rollback(context: Context, pending?: string): Promise<Outcome<ChangesReport>> {
  const { config, backend, backendFor, system, flags, warn } = context;
  const { memory, stated } = config;
  if (pending !== undefined) await waitUntilDue(context, pending);
  // Who lacks the tools or the privilege hears of that, and not of a lock that cannot be made.
  await backend.probe();
  const changes = await changeLockedIfPossible(memory, { ...lockingOf(context), warn }, async (signal) => {
    const unconfirmed = await memory.pending.read();
    if (pending !== undefined && (unconfirmed?.id !== pending || unconfirmed.isTakenBack)) return [];
    const facts = async () => await readHostFacts(system, stated.ssh_ports);
    const guarded = pending === undefined ? { guarded: { facts, force: flags.force } } : {};
    return (await rollBack(memory, { backendFor, system, signal, warn, ...guarded })).changes;
  });
  return {
    exitCode: exitCodes.done,
    report: { applied: changes.length > 0, changes: changes.map(describeChange) },
    render: (report) => renderChanges(report, 'nothing, the fence was as before'),
  };
}

async function waitUntilDue({ config, system, signal }: Context, id: string): Promise<void> {
  const found = await config.memory.pending.read();
  if (found?.id === id) await system.sleep(Math.max(0, Date.parse(found.until) - system.now()), signal);
}
