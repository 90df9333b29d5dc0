import { confirmChange } from '../apply/commit-confirm.ts';
import { changeLocked } from '../apply/with-lock.ts';
import type { Context } from '../context/context.ts';
import { lockingOf } from '../context/context.ts';
import type { Outcome } from '../context/outcome.ts';
import { exitCodes } from '../errors.ts';
import { formatTable } from '../words/format.ts';

/**
 * Keeps the change that waits to be confirmed. Throws GeofenceError when none waits, and what changeLocked() throws.
 */
export async function confirm(context: Context): Promise<Outcome> {
  const { config, system } = context;
  await changeLocked(
    config.memory,
    lockingOf(context),
    async () => await confirmChange(config.memory, system),
  );
  return {
    exitCode: exitCodes.done,
    report: { confirmed: true },
    render: () => formatTable([['done', 'confirmed, the change stays']]),
  };
}
