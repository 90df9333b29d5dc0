import { randomUUID } from 'node:crypto';
import { resolveConfig } from '../config/resolve.ts';
import { GeofenceError, exitCodes } from '../errors.ts';
import type { Refusal } from '../plan/guard-names.ts';
import { refuseUnlessForced } from '../plan/guard.ts';
import type { Context } from '../context/context.ts';
import { isSamePolicy, toRemember } from '../state/same-policy.ts';
import type { UnconfirmedRecord } from '../state/unconfirmed-change.ts';
import { limitFamilies } from '../policy/limit-families.ts';

/**
 * How it stands with the last change that had to be confirmed: `waiting`; `expired`: its timer did not take it back;
 * `reverted`: it was taken back, or lost in a reboot.
 */
export interface UnconfirmedChange {
  readonly state: 'waiting' | 'expired' | 'reverted';
  readonly pending: UnconfirmedRecord;
}

/** Which run of the machine this is. */
const bootIdOf = async ({ system }: Pick<Context, 'system'>): Promise<string> =>
  (await system.readText('/proc/sys/kernel/random/boot_id'))?.trim() ?? '';

/** What cannot be read is no reason to refuse: it counts as absent. */
export async function tryRead<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof GeofenceError) return undefined;
    throw error;
  }
}

export async function readUnconfirmed(context: Context): Promise<UnconfirmedChange | undefined> {
  const pending = await context.config.memory.pending.read();
  if (pending === undefined) return undefined;
  if (pending.isTakenBack || pending.bootId !== (await bootIdOf(context)))
    return { state: 'reverted', pending };
  return { state: context.system.now() > Date.parse(pending.until) ? 'expired' : 'waiting', pending };
}

/** While a change is on trial the kernel should hold that. */
export async function withUnconfirmed(
  context: Context,
  unconfirmed: UnconfirmedChange | undefined,
): Promise<Context> {
  if (unconfirmed?.state !== 'waiting') return context;
  const { config, available } = context;
  const tried = await resolveConfig([{ origin: UNCONFIRMED, settings: unconfirmed.pending.policy.inForce }]);
  return { ...context, config: { ...config, ...limitFamilies(tried, available) } };
}

export const UNCONFIRMED = 'the change on trial';

/** Two changes at a time could not be told apart: which one would be taken back? */
export function requireNoneWaiting(unconfirmed: UnconfirmedChange | undefined): void {
  if (unconfirmed?.state !== 'waiting') return;
  throw new GeofenceError(
    `Refusing to apply: the last change waits to be confirmed until ${unconfirmed.pending.until}`,
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
export const refuseReverted = (context: Context, unconfirmed: UnconfirmedChange | undefined): void =>
  refuseUnlessForced(revertedRefusals(context, unconfirmed), context.flags.force);

/** What that says against the policy. */
export function revertedRefusals(
  { config, flags }: Context,
  unconfirmed: UnconfirmedChange | undefined,
): Refusal[] {
  if (!isReverted({ config }, unconfirmed) || flags.confirmSeconds !== undefined) return [];
  const reason = `this policy was taken back, for nobody confirmed it until ${unconfirmed!.pending.until}`;
  return [{ guard: 'unconfirmed', reason }];
}

/** A remembered one is not meant: of that a killed rollback may have put back the fence, and not yet the policy. */
export const isReverted = (
  { config }: Pick<Context, 'config'>,
  unconfirmed: UnconfirmedChange | undefined,
): boolean =>
  unconfirmed?.state === 'reverted' &&
  config.fileOf('allow', 'deny') !== undefined &&
  isSamePolicy(config, unconfirmed.pending.policy);

/**
 * Forgets the trial now that another policy is in force, unless nobody confirmed it and it may still stand in the
 * configuration file: no timer may bring that one back.
 */
export async function closeUnconfirmed(context: Context): Promise<void> {
  const { config } = context;
  const unconfirmed = await readUnconfirmed(context);
  const isOther = unconfirmed?.state === 'reverted' && !isSamePolicy(config, unconfirmed.pending.policy);
  if (!isOther || config.filePolicy === undefined) await config.memory.pending.forget();
}

/**
 * Sets the clock that takes a change back. Before the change: whatever then happens to this process, somebody is left
 * to undo it.
 */
export async function armRollback(context: Context, seconds: number): Promise<void> {
  const { config, flags, system } = context;
  const { memory } = config;
  const id = randomUUID();
  await memory.pending.write({
    id,
    until: new Date(system.now() + seconds * 1000).toISOString(),
    bootId: await bootIdOf(context),
    policy: toRemember(config, flags.force, await memory.policy.read()),
    isTakenBack: false,
  });
  // Everything it needs is an argument: a configuration that was broken meanwhile must not stop it.
  const folders = ['--cache-dir', config.cacheDir, '--state-dir', memory.dir];
  const args = ['rollback', '--pending', id, '--wait', '300', '--config', '/dev/null', ...folders];
  await system.startDetached({ id, args, afterSeconds: seconds });
}
