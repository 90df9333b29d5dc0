import { GeofenceError, messageOf } from '../errors.ts';
import { diff } from '../plan/diff.ts';
import { isNewSet } from '../firewall/names.ts';
import type { Change, State } from '../firewall/model.ts';
import { describeDrift } from '../plan/describe-change.ts';
import type { Backend } from '../firewall/backend.ts';

/**
 * Makes the kernel hold `desired`: carries out the changes and reads everything back. When either fails, what `before`
 * held is put back, so that a failed run leaves the firewall as it was.
 */
export async function enforce(
  backend: Backend,
  desired: State,
  before: State,
  changes: readonly Change[],
): Promise<void> {
  try {
    await backend.apply(changes);
    const left = diff(desired, await backend.read());
    if (left.length > 0) {
      throw new GeofenceError(`Cannot verify the fence: read back, ${left.map(describeDrift).join(', ')}`);
    }
  } catch (error) {
    throw await putBack(backend, before, error);
  }
}

/** Returns the error to report, which says whether the former state holds again. */
async function putBack(backend: Backend, before: State, error: unknown): Promise<GeofenceError> {
  // A set half filled by a killed run is part of no fence.
  const sets = new Map([...before.sets].filter(([name]) => !isNewSet(name)));
  const hint = error instanceof GeofenceError ? error.hint : undefined;
  const options = { cause: error, ...(hint === undefined ? {} : { hint }) };
  try {
    const former = { ...before, sets };
    await backend.apply(diff(former, await backend.read()));
    const left = diff(former, await backend.read());
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
