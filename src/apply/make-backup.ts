import type { Actual, Backend } from '../firewall/backend.ts';
import type { Variant } from '../firewall/variants.ts';
import type { Backup } from '../state/backup.ts';
import type { StateDir } from '../state/state-dir.ts';

/**
 * Returns what `rollback` needs: the fence that the kernel holds (`actual`) and the remembered policy; `now` is in
 * milliseconds since the epoch.
 */
export const makeBackup = async (
  { policy }: StateDir,
  { backend, actual, iptables, now }: { backend: Backend; actual: Actual; iptables: Variant; now: number },
): Promise<Backup> => ({
  savedAt: new Date(now).toISOString(),
  fence: backend.toSnapshot(actual),
  policy: await policy.read(),
  iptables,
});
