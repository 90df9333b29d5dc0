import { GeofenceError } from '../errors.ts';
import { diff } from '../plan/diff.ts';
import { cutOffPeers, refuseUnlessForced } from '../plan/guard.ts';
import type { Backend } from '../firewall/backend.ts';
import type { Change, DesiredState } from '../firewall/model.ts';
import { enforce } from './enforce.ts';
import type { Context } from '../context/context.ts';
import { readHostFacts } from '../host/host-facts.ts';
import type { Backup } from '../state/backup.ts';
import type { Damage, StateFile } from '../state/state-file.ts';
import { describeDamage } from '../state/state-file.ts';

/**
 * Puts back the fence and the policy of before the last change, and marks that change as taken back. A person who
 * asks for it is kept from cutting off a session; a timer has nobody to ask.
 */
export async function rollBack(context: Context, { isAsked }: { isAsked: boolean }): Promise<Change[]> {
  const { config, flags } = context;
  const { former, policy } = config.memory;
  const { value: saved, damage } = await former.load();
  if (saved === undefined) throw refuse(damage);
  const backend = context.backendFor(saved.iptables);
  const target = fenceIn(saved, backend, former);
  const actual = await backend.read('content');
  if (isAsked) refuseUnlessForced(cutOffPeers(target, actual, await readHostFacts(context)), flags.force);
  const changes = diff(target, actual);
  context.signal.throwIfAborted();
  if (changes.length > 0) await enforce(backend, target, actual, changes);
  await markTakenBack(context);
  await (saved.policy === undefined ? policy.forget() : policy.write(saved.policy));
  await former.forget();
  return changes;
}

const refuse = (damage: Damage | undefined): GeofenceError => {
  const reason =
    damage === undefined ? 'nothing is remembered of a fence before this one' : describeDamage(damage);
  return new GeofenceError(`Cannot roll back: ${reason}`);
};

/** The saved fence. It is somebody else's text unless it parses: what is wrong with it is not repeated. */
function fenceIn({ fence }: Backup, backend: Backend, former: StateFile<Backup>): DesiredState {
  try {
    return backend.fromSnapshot(fence);
  } catch {
    throw refuse(former.damageOf(new Error('it holds what no fence of ours does')));
  }
}

/** What was taken back stays known, or a timer would bring it again from the configuration file. */
async function markTakenBack({ config, system }: Context): Promise<void> {
  const { pending, policy } = config.memory;
  const unconfirmed = await pending.read();
  const undone = await policy.read();
  const until = new Date(system.now()).toISOString();
  if (unconfirmed !== undefined) await pending.write({ ...unconfirmed, isTakenBack: true });
  else if (undone !== undefined)
    await pending.write({ id: '', until, bootId: '', policy: undone, isTakenBack: true });
}
