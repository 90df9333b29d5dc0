import { GeofenceError, messageOf } from '../errors.ts';
import type { Backend } from '../firewall/backend.ts';
import type { Variant } from '../firewall/variants.ts';
import type { DesiredState } from '../firewall/model.ts';
import type { HostFacts } from '../host/host-facts.ts';
import { cutOffPeers } from '../plan/guard.ts';
import { withOpenHoles } from '../plan/holes.ts';
import { withKeptSets } from '../plan/kept-sets.ts';
import { refuseUnlessForced } from '../refusal.ts';
import type { Backup } from '../state/backup.ts';
import type { StateDir } from '../state/state-dir.ts';
import type { Damage, StateFile } from '../state/state-file.ts';
import { describeDamage } from '../state/state-file.ts';
import type { System } from '../system/system.ts';
import type { UnconfirmedRecord } from '../state/unconfirmed-record.ts';
import type { Applied } from './apply-policy.ts';
import { applyPolicy } from './apply-policy.ts';
import { keepOpen } from './keep-open.ts';

/** What a rollback needs besides the state folder. */
export interface RollbackInputs {
  readonly backendFor: (variant: Variant) => Backend;
  readonly system: Pick<System, 'now' | 'readText' | 'readGenerated'>;
  readonly signal: AbortSignal;
  /** Hears of what could not be written. */
  readonly warn: (text: string) => void;
  /** For a person who asks: kept from cutting off a session, unless forced. A timer has nobody to ask. */
  readonly guarded?: { readonly facts: () => Promise<HostFacts>; readonly force: ReadonlySet<string> };
  /** Whether nothing is changed, and only what would be is returned. */
  readonly isDryRun?: boolean;
}

/**
 * Puts back the fence and the policy from before the last change, and marks that change as taken back; returns what
 * changed. Needs the locks of state and kernel. What cannot be noted is a warning, and doing it again notes it. Throws
 * GeofenceError when nothing usable is remembered or the change fails, RefusedError when SSH sessions would be cut off
 * and `guarded` is given.
 */
export async function rollBack(
  memory: StateDir,
  { backendFor, system, signal, warn, guarded, isDryRun = false }: RollbackInputs,
): Promise<Applied> {
  const { former } = memory;
  const { value: saved, damage } = await former.load();
  if (saved === undefined) throw cannotRollBack(damage);
  const backend = backendFor(saved.iptables);
  const target = fenceIn(saved, backend, former);
  // Of a trial nobody has saved the rules: when it is taken back everything is as it was.
  const isTrial = (await memory.pending.read())?.isTakenBack === false;
  const kept = await memory.kept.read();
  const isKept = (name: string): boolean => !isTrial || name in (kept?.since ?? {});
  return await applyPolicy(
    backend,
    {
      wanted: () => Promise.resolve(target),
      keep: async (wanted, actual) =>
        await keepOpen(withOpenHoles(withKeptSets(wanted, actual, isKept), actual), actual, system),
      guard: async (desired, actual) => {
        if (guarded === undefined) return;
        refuseUnlessForced(cutOffPeers(desired, actual, await guarded.facts()), guarded.force);
      },
      record: async () =>
        await noteTakenBack(memory, saved, system.now()).catch((error: unknown) => {
          warn(
            `the fence was taken back, and that is not noted: ${messageOf(error)}; once it can be, say "geofence rollback" again`,
          );
        }),
    },
    { signal, isDryRun },
  );
}

/**
 * Notes all that can be noted, before the first error is thrown. The former fence is forgotten last: while it is there,
 * a rollback can be done again.
 */
async function noteTakenBack(memory: StateDir, { policy: before }: Backup, now: number): Promise<void> {
  const { former, pending, policy } = memory;
  const record = await recordTakenBack(memory, now);
  const notes = [
    async () => record && (await pending.write(record)),
    async () => await (before === undefined ? policy.forget() : policy.write(before)),
  ];
  const ends = [];
  for (const note of notes) ends.push(...(await Promise.allSettled([note()])));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  await former.forget();
}

const cannotRollBack = (damage: Damage | undefined): GeofenceError => {
  const reason =
    damage === undefined ? 'nothing is remembered of a fence before this one' : describeDamage(damage);
  return new GeofenceError(`Cannot roll back: ${reason}`);
};

/** The saved fence. It is somebody else's text unless it parses: what is wrong with it is not repeated. */
function fenceIn({ fence }: Backup, backend: Backend, former: StateFile<Backup>): DesiredState {
  try {
    return backend.fromSnapshot(fence);
  } catch {
    throw cannotRollBack(former.damageOf(new Error('it holds what no fence of ours does')));
  }
}

/** What was taken back stays known, or a timer would bring it again from the configuration file. */
async function recordTakenBack(
  { pending, policy }: StateDir,
  now: number,
): Promise<UnconfirmedRecord | undefined> {
  const unconfirmed = await pending.read();
  if (unconfirmed !== undefined) return { ...unconfirmed, isTakenBack: true };
  const undone = await policy.read();
  const until = new Date(now).toISOString();
  return undone && { id: '', until, bootId: '', policy: undone, isTakenBack: true };
}
