import { GeofenceError, messageOf } from '../errors.ts';
import type { Actual, Backend } from '../firewall/backend.ts';
import type { Change, DesiredState } from '../firewall/model.ts';
import { asWanted } from '../plan/as-wanted.ts';
import { describeDrift } from '../plan/describe-change.ts';
import { diff } from '../plan/diff.ts';

/**
 * Makes the kernel hold `desired`: carries out the changes and reads everything back. When either fails, what `before`
 * held is put back, so that a failed run leaves the firewall as it was.
 */
export async function enforce(
  backend: Backend,
  desired: DesiredState,
  before: Actual,
  changes: readonly Change[],
): Promise<void> {
  try {
    await backend.apply(changes, before);
    const left = diff(desired, await backend.read('content'));
    if (left.length > 0) {
      throw new GeofenceError(`Cannot verify the fence: read back, ${left.map(describeDrift).join(', ')}`);
    }
  } catch (error) {
    throw await putBack(backend, before, error);
  }
}

/** Returns the error to report, which says whether the former state holds again. */
async function putBack(backend: Backend, before: Actual, error: unknown): Promise<GeofenceError> {
  const hint = error instanceof GeofenceError ? error.hint : undefined;
  const options = { cause: error, ...(hint === undefined ? {} : { hint }) };
  try {
    const former = asWanted(before);
    const now = await backend.read('content');
    await backend.apply(diff(former, now), now);
    const left = diff(former, await backend.read('content'));
    if (left.length > 0) throw new GeofenceError(left.map(describeDrift).join(', '));
    return new GeofenceError(
      `Cannot apply the fence, the firewall is as it was: ${messageOf(error)}`,
      options,
    );
  } catch (second) {
    return new GeofenceError(
      `Cannot apply the fence: ${messageOf(error)}; and cannot put the former one back: ${messageOf(second)}`,
      options,
    );
  }
}
