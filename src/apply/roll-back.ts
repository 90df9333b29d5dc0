import { GeofenceError } from '../errors.ts';
import { diff } from '../plan/diff.ts';
import { cutOffPeers, refuseUnlessForced } from '../plan/guard.ts';
import type { Change } from '../firewall/model.ts';
import { applyChanges } from './apply-changes.ts';
import type { Context } from '../context/context.ts';
import { tryRead } from './commit-confirm.ts';
import { readHostFacts } from '../host/host-facts.ts';

/**
 * Puts back the fence and the policy of before the last change, and marks that change as taken back. A person who
 * asks for it is kept from cutting off a session; a timer has nobody to ask.
 */
export async function rollBack(context: Context, { isAsked }: { isAsked: boolean }): Promise<Change[]> {
  const { config, flags } = context;
  const { former, policy } = config.memory;
  const saved = await former.read();
  if (saved === undefined) {
    throw new GeofenceError('Cannot roll back: nothing is remembered of a fence before this one');
  }
  const backend = context.backendFor(saved.iptables);
  const target = backend.fromSnapshot(saved.fence);
  const actual = await backend.read('content');
  if (isAsked) refuseUnlessForced(cutOffPeers(target, actual, await readHostFacts(context)), flags.force);
  const changes = diff(target, actual);
  context.signal.throwIfAborted();
  if (changes.length > 0) await applyChanges({ ...context, backend }, target, actual, changes);
  await markTakenBack(context);
  await (saved.policy === undefined ? policy.forget() : policy.write(saved.policy));
  await former.forget();
  return changes;
}

/** What was taken back stays known, or a timer would bring it again from the configuration file. */
async function markTakenBack({ config, system }: Context): Promise<void> {
  const { pending, policy } = config.memory;
  const unconfirmed = await tryRead(pending.read());
  const undone = await policy.read();
  const until = new Date(system.now()).toISOString();
  if (unconfirmed !== undefined) await pending.write({ ...unconfirmed, isTakenBack: true });
  else if (undone !== undefined)
    await pending.write({ id: '', until, bootId: '', policy: undone, isTakenBack: true });
}
