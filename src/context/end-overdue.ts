import { takeBackOverdue } from '../apply/take-back-overdue.ts';
import { GeofenceError, messageOf } from '../errors.ts';
import type { Context } from './context.ts';
import { lockingOf } from './context.ts';
import type { ParsedOptions } from './parsed-options.ts';
import { reload } from './reload.ts';

/**
 * Ends a trial that is overdue: takes back the change that nobody confirmed, where its timer did not. Only root can, and
 * a dry run changes nothing. Returns whether it did; throws what takeBackOverdue() throws.
 */
export async function endOverdue(context: Context): Promise<boolean> {
  const { config, backendFor, system, flags, warn } = context;
  if (!system.isRoot || flags.dryRun) return false;
  return await takeBackOverdue({ memory: config.memory, backendFor, system, warn }, lockingOf(context));
}

/** The same before a run that goes by what is remembered; returns the context of things as they are then. */
export async function afterOverdue(context: Context, options: ParsedOptions): Promise<Context> {
  const { warn } = context;
  return (await endOverdue(context)) ? { ...(await reload(context, options)), warn } : context;
}

/** The same before a run that answers, or fetches: when it fails, it is a warning. */
export async function afterOverdueIfPossible(context: Context, options: ParsedOptions): Promise<Context> {
  try {
    return await afterOverdue(context, options);
  } catch (error) {
    if (!(error instanceof GeofenceError)) throw error;
    context.warn(`the change that nobody confirmed is still in force: ${messageOf(error)}`);
    return context;
  }
}
