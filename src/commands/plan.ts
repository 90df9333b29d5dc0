import { openRefusals } from '../apply/check-guards.ts';
import { readUnconfirmed } from '../apply/commit-confirm.ts';
import { keepOpen } from '../apply/keep-open.ts';
import { readKept } from '../apply/kept-sets.ts';
import { preparePolicy } from '../apply/prepare-policy.ts';
import { lockedIn } from '../apply/with-lock.ts';
import { wantedZones } from '../policy/wanted-zones.ts';
import type { Context } from '../context/context.ts';
import { downloadInputsOf, lockingOf } from '../context/context.ts';
import type { Outcome } from '../context/outcome.ts';
import type { Planned } from '../context/report-planned.ts';
import { readOrAssumeNone, reportPlanned } from '../context/report-planned.ts';
import { requirePolicy } from '../context/require-policy.ts';
import { exitCodes } from '../errors.ts';
import { formatScripts } from '../firewall/scripts.ts';
import { withOpenHoles } from '../plan/holes.ts';
import { withFormerSets } from '../plan/kept-sets.ts';
import { diff } from '../plan/diff.ts';
import type { Policy } from '../policy/policy.ts';
import type { Refusal } from '../refusal.ts';
import { RefusedError, isForced, refuseUnlessForced } from '../refusal.ts';
import type { PlanReport } from '../report/plan.ts';
import { afterTakingBack, revertedRefusals } from '../state/unconfirmed-change.ts';
import { download } from '../sources/download.ts';
import type { ChunkedText } from '../words/chunked-text.ts';

interface PlanOptions {
  /** Whether the cache is used whatever its age. */
  readonly offline: boolean;
}

/**
 * Says what `refresh` would change in the kernel, and for whom. Zones are fetched first unless offline; the kernel is
 * only read, and taken for empty where it cannot be. A guard that would refuse is part of the answer, and of the exit
 * code. Throws GeofenceError when a zone cannot be had, LockedError when another run fetches.
 */
export async function plan(context: Context, options: PlanOptions): Promise<Outcome<PlanReport>> {
  return await reportPlanned(context, await planChanges(context, options));
}

/**
 * Returns the exact text that the kernel's tools would get from `refresh`. Throws RefusedError when a guard would
 * refuse, GeofenceError when a zone cannot be had, LockedError when another run fetches.
 */
export async function planScript(
  context: Context,
  options: PlanOptions,
): Promise<Outcome<{ script: ChunkedText }>> {
  const { actual, changes, refusals } = await planChanges(context, options);
  refuseUnlessForced(refusals, new Set());
  if (changes.length === 0) context.info('nothing to change, the fence is as it should be');
  return {
    exitCode: exitCodes.done,
    report: { script: formatScripts(context.backend.render(changes, actual)) },
    render: ({ script }) => script,
  };
}

async function planChanges(context: Context, { offline }: PlanOptions): Promise<Planned> {
  const { config, store, system, flags } = context;
  const { memory } = config;
  const policy = requirePolicy(config);
  const refused = offline ? [] : await fetchUnlessRefused(context, policy);
  const [actual, fresh] = await Promise.all([
    readOrAssumeNone(context),
    preparePolicy(
      { store, memory, settings: config.settings, now: system.now(), force: flags.force, standsIn: 'none' },
      policy,
    ),
  ]);
  const isKept = await readKept(memory, system.now());
  const kept = withFormerSets(fresh.desired, policy, actual, isKept);
  const desired = await keepOpen(withOpenHoles(kept, actual), actual, system);
  const prepared = { ...fresh, desired };
  const changes = diff(desired, actual);
  const inputs = { config, remembered: await memory.policy.read() };
  const reverted = revertedRefusals(config, afterTakingBack(await readUnconfirmed(memory, system)));
  const refusals = [
    ...refused,
    ...fresh.refusals,
    ...(flags.confirmSeconds === undefined ? reverted : []),
    ...(changes.length > 0 ? await openRefusals(system, prepared, actual, inputs) : []),
  ].filter((refusal) => !isForced(refusal, flags.force));
  return { actual, prepared, changes, refusals };
}

/** What guards say against the zones that came; the cached ones stay. */
async function fetchUnlessRefused(context: Context, policy: Policy): Promise<readonly Refusal[]> {
  try {
    const inputs = downloadInputsOf(context);
    await lockedIn(context.config.cacheDir, lockingOf(context), async (signal) => {
      await download(inputs, wantedZones(policy), signal);
    });
    return [];
  } catch (error) {
    if (error instanceof RefusedError) return error.refusals;
    throw error;
  }
}
