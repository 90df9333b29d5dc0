import { GeofenceError, exitCodes } from '../errors.ts';
import { enforce } from '../firewall/enforce.ts';
import { diff } from '../plan/diff.ts';
import { stateOf } from '../plan/snapshot.ts';
import type { Change } from '../plan/state.ts';
import { describeChange } from '../report/changes.ts';
import { formatTable, listRows } from '../report/format.ts';
import type { Context, Outcome } from './context.ts';
import { changeLocked } from './locked.ts';

/**
 * Takes the last change back, the remembered policy included. `pending` is how the timer of `refresh --confirm` calls
 * it: it waits until the time has come, and does nothing when that change was confirmed or taken back before.
 */
export async function rollback(context: Context, pending?: string): Promise<Outcome> {
  if (pending !== undefined) await waitUntilDue(context, pending);
  await context.backend.probe();
  const changes = await changeLocked(context, async () => await takeBack(context, pending));
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

async function takeBack({ config, backend }: Context, pending: string | undefined): Promise<Change[]> {
  const { memory } = config;
  if (pending !== undefined && (await memory.pending.read())?.id !== pending) return [];
  const former = await memory.former.read();
  if (former === undefined) {
    throw new GeofenceError('Cannot roll back: nothing is remembered of a fence before this one');
  }
  const target = stateOf(former.fence);
  const actual = await backend.read();
  const changes = diff(target, actual);
  if (changes.length > 0) await enforce(backend, target, actual, changes);
  if (former.policy === undefined) await memory.policy.forget();
  else await memory.policy.write(former.policy);
  await memory.pending.forget();
  await memory.former.forget();
  return changes;
}
