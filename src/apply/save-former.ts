import type { Actual, Backend } from '../firewall/backend.ts';
import type { Variant } from '../firewall/variants.ts';
import type { StateDir } from '../state/state-dir.ts';

/**
 * Writes the fence that the kernel holds (`actual`) and the remembered policy to the state folder, for `rollback`;
 * `now` is in milliseconds since the epoch. Throws GeofenceError when the file cannot be written.
 */
export async function saveFormer(
  { former, policy }: StateDir,
  { backend, actual, iptables, now }: { backend: Backend; actual: Actual; iptables: Variant; now: number },
): Promise<void> {
  await former.write({
    savedAt: new Date(now).toISOString(),
    fence: backend.toSnapshot(actual),
    policy: await policy.read(),
    iptables,
  });
}
