import { exitCodes } from '../errors.ts';
import { enforce } from '../firewall/enforce.ts';
import { families } from '../ip/family.ts';
import { diff } from '../plan/diff.ts';
import { guard, refuseUnlessForced } from '../plan/guard.ts';
import type { Policy } from '../plan/policy.ts';
import type { Change, State } from '../plan/state.ts';
import { describeChange } from '../report/changes.ts';
import type { FenceReport } from '../report/fence.ts';
import { fenceRows, reportFence } from '../report/fence.ts';
import { formatTable, listRows } from '../report/format.ts';
import type { Context, Outcome } from './context.ts';
import type { LoadedZone } from './load-zones.ts';
import { desiredFrom, loadZones, requireAll, wantedZones } from './load-zones.ts';

/** A policy with everything that is needed to carry it out. */
export interface PreparedPolicy {
  readonly policy: Policy;
  readonly desired: State;
  readonly report: readonly FenceReport[];
  readonly zones: readonly LoadedZone[];
}

/** Reads the zones from the cache and works out the desired state. */
export async function preparePolicy(context: Context, policy: Policy): Promise<PreparedPolicy> {
  const loaded = await loadZones(context.store, wantedZones(policy), context.system.now());
  requireAll(loaded);
  const { zones } = loaded;
  const desired = desiredFrom(policy, zones);
  const zonesOf = (family: (typeof families)[number]): number =>
    zones.filter(({ id }) => id.family === family).length;
  return { policy, desired, zones, report: reportFence(policy, desired, zonesOf) };
}

/** Checks the guards, carries out what differs, verifies. The cache is all it reads. */
export async function applyPolicy(context: Context, policy: Policy, signal: AbortSignal): Promise<Outcome> {
  const prepared = await preparePolicy(context, policy);
  checkGuards(context, prepared);
  const before = await context.backend.read();
  const changes = diff(prepared.desired, before);
  signal.throwIfAborted();
  if (changes.length > 0) await enforce(context.backend, prepared.desired, before, changes);
  return outcomeOf(prepared, changes, 'applied');
}

/** Throws when a guard refuses and is not forced. */
export function checkGuards({ system, flags }: Context, { desired, policy }: PreparedPolicy): void {
  const [sshPeer] = (system.env['SSH_CONNECTION'] ?? '').split(' ').filter((word) => word !== '');
  refuseUnlessForced(guard(desired, policy, { sshPeer }), flags.force);
}

/** The answer of `refresh`, `restore` and `plan`: the same fields for all. */
export function outcomeOf(
  { policy, report }: PreparedPolicy,
  changes: readonly Change[],
  result: 'applied' | 'planned',
): Outcome {
  const open = families.filter((family) => !policy.families.includes(family)).map(({ label }) => label);
  const done = changes.map(describeChange);
  const label = result === 'applied' ? 'done' : 'to do';
  return {
    exitCode: exitCodes.done,
    text: formatTable([
      ...report.flatMap((fence) => fenceRows(fence, open)),
      ...listRows(label, done, 'nothing, the fence is as it should be'),
    ]),
    json: {
      fences: report,
      openFamilies: open,
      applied: result === 'applied' && done.length > 0,
      changes: done,
    },
  };
}
