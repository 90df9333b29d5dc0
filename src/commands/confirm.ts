import { GeofenceError, exitCodes } from '../errors.ts';
import { formatTable } from '../words/format.ts';
import type { Context, Outcome } from '../context/context.ts';
import { changeLocked } from '../apply/with-lock.ts';
import { readUnconfirmed } from '../apply/commit-confirm.ts';

/** Keeps the change that waits for it; its timer will find nothing to do. */
export async function confirm(context: Context): Promise<Outcome> {
  const { memory } = context.config;
  await changeLocked(context, async () => {
    const unconfirmed = await readUnconfirmed(context);
    if (unconfirmed?.state !== 'waiting') {
      throw new GeofenceError('Cannot confirm: no change waits for it', {
        hint: 'it may have been taken back already, see "geofence status"',
      });
    }
    await memory.policy.write(unconfirmed.pending.policy);
    await memory.pending.forget();
  });
  return {
    exitCode: exitCodes.done,
    text: formatTable([['done', 'confirmed, the change stays']]),
    json: { confirmed: true },
  };
}
