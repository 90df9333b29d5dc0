import { randomUUID } from 'node:crypto';
import type { Pending } from '../cache/memory.ts';
import { settingsToRemember } from '../config/load.ts';
import { GeofenceError, exitCodes } from '../errors.ts';
import type { Context } from './context.ts';

const bootIdOf = async ({ system }: Context): Promise<string> =>
  (await system.readText('/proc/sys/kernel/random/boot_id'))?.trim() ?? '';

/** The change that waits to be confirmed. One of an earlier boot does not: its timer and its fence went with that. */
export async function readPending(context: Context): Promise<Pending | undefined> {
  const pending = await context.config.memory.pending.read();
  return pending?.bootId === (await bootIdOf(context)) ? pending : undefined;
}

/** Two changes at a time could not be told apart: which one would be taken back? */
export async function requireNothingPending(context: Context): Promise<void> {
  const pending = await readPending(context);
  if (pending === undefined) return;
  throw new GeofenceError(`Refusing to apply: the last change waits to be confirmed until ${pending.until}`, {
    exitCode: exitCodes.refused,
    hint: 'keep it with "geofence confirm" or take it back with "geofence rollback" first',
  });
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
    policy: settingsToRemember(config),
  });
  // Everything it needs is an argument: a configuration that was broken meanwhile must not stop it.
  const folders = ['--cache-dir', config.cacheDir, '--state-dir', memory.dir];
  const args = ['rollback', '--pending', id, '--wait', '300', '--config', '/dev/null', ...folders];
  await system.startDetached({
    id,
    args: [...args, '--iptables', config.settings.iptables],
    afterSeconds: seconds,
  });
}
