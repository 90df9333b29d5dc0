import { randomUUID } from 'node:crypto';
import type { Pending } from '../state/state-dir.ts';
import { resolveConfig } from '../config/resolve.ts';
import { GeofenceError, exitCodes } from '../errors.ts';
import type { Refusal } from '../plan/guard-names.ts';
import { refuseUnlessForced } from '../plan/guard.ts';
import type { Context } from '../context/context.ts';
import { isSamePolicy, toRemember } from '../state/applied-policy.ts';
import { withinKernel } from '../policy/limit-families.ts';

/**
 * How it stands with the last change that had to be confirmed: `waiting`; `overdue`: its timer did not take it back;
 * `rejected`: it was taken back, or lost in a reboot.
 */
export interface Trial {
  readonly state: 'waiting' | 'overdue' | 'rejected';
  readonly pending: Pending;
}

/** Which run of the machine this is. */
export const bootIdOf = async ({ system }: Pick<Context, 'system'>): Promise<string> =>
  (await system.readText('/proc/sys/kernel/random/boot_id'))?.trim() ?? '';

/** What a loss of power cut short says nothing to anybody, and is no reason to refuse: it counts as absent. */
export async function ifSound<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof GeofenceError) return undefined;
    throw error;
  }
}

export async function readTrial(context: Context): Promise<Trial | undefined> {
  const pending = await ifSound(context.config.memory.pending.read());
  if (pending === undefined) return undefined;
  if (pending.isTakenBack || pending.bootId !== (await bootIdOf(context)))
    return { state: 'rejected', pending };
  return { state: context.system.now() > Date.parse(pending.until) ? 'overdue' : 'waiting', pending };
}

/** While a change is on trial the kernel should hold that. */
export async function withTrial(context: Context, trial: Trial | undefined): Promise<Context> {
  if (trial?.state !== 'waiting') return context;
  const { config, available } = context;
  const tried = await resolveConfig([{ origin: ON_TRIAL, settings: trial.pending.policy.inForce }]);
  return { ...context, config: { ...config, ...withinKernel(tried, available) } };
}

export const ON_TRIAL = 'the change on trial';

/** Two changes at a time could not be told apart: which one would be taken back? */
export function requireNoneWaiting(trial: Trial | undefined): void {
  if (trial?.state !== 'waiting') return;
  throw new GeofenceError(
    `Refusing to apply: the last change waits to be confirmed until ${trial.pending.until}`,
    {
      exitCode: exitCodes.refused,
      hint: 'keep it with "geofence confirm" or take it back with "geofence rollback" first',
    },
  );
}

/**
 * A policy that nobody confirmed stands in the configuration file all the same. No timer may bring it back by itself;
 * somebody who types it, puts it on trial again or forces it knows what they do.
 */
export const refuseRejected = (context: Context, trial: Trial | undefined): void =>
  refuseUnlessForced(rejections(context, trial), context.flags.force);

/** What that says against the policy. */
export function rejections({ config, flags }: Context, trial: Trial | undefined): Refusal[] {
  if (!isRejected({ config }, trial) || flags.confirmSeconds !== undefined) return [];
  const reason = `this policy was taken back, for nobody confirmed it until ${trial!.pending.until}`;
  return [{ guard: 'unconfirmed', reason }];
}

/** A remembered one is not meant: of that a killed rollback may have put back the fence, and not yet the policy. */
export const isRejected = ({ config }: Pick<Context, 'config'>, trial: Trial | undefined): boolean =>
  trial?.state === 'rejected' &&
  config.filePolicy !== undefined &&
  config.origin === config.file &&
  isSamePolicy(config, trial.pending.policy);

/**
 * Forgets the trial now that another policy is in force, unless nobody confirmed it and it may still stand in the
 * configuration file: no timer may bring that one back.
 */
export async function settleTrial(context: Context): Promise<void> {
  const { config } = context;
  const trial = await readTrial(context);
  const isOther = trial?.state === 'rejected' && !isSamePolicy(config, trial.pending.policy);
  if (!isOther || config.filePolicy === undefined) await config.memory.pending.forget();
}

/**
 * Sets the clock that takes a change back. Before the change: whatever then happens to this process, somebody is left
 * to undo it.
 */
export async function armRollback(context: Context, seconds: number): Promise<void> {
  const { config, system } = context;
  const { memory } = config;
  const id = randomUUID();
  await memory.pending.write({
    id,
    until: new Date(system.now() + seconds * 1000).toISOString(),
    bootId: await bootIdOf(context),
    policy: toRemember(context, await memory.policy.read()),
    isTakenBack: false,
  });
  // Everything it needs is an argument: a configuration that was broken meanwhile must not stop it.
  const folders = ['--cache-dir', config.cacheDir, '--state-dir', memory.dir];
  const args = ['rollback', '--pending', id, '--wait', '300', '--config', '/dev/null', ...folders];
  await system.startDetached({ id, args, afterSeconds: seconds });
}
