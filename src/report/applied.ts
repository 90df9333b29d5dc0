import { formatTable, listRows, wrapItem } from '../words/format.ts';
import type { PolicyReport } from './fence.ts';
import { accessRows, fenceRows } from './fence.ts';

/** What was changed in the kernel: sentences. */
export interface ChangesReport {
  readonly applied: boolean;
  readonly changes: readonly string[];
}

/** What `refresh` and `restore` come to. */
export interface AppliedReport extends PolicyReport, ChangesReport {
  /** After how long the change is taken back, unless it is confirmed; absent where nothing waits for that. */
  readonly confirmSeconds?: number;
}

/** Renders what `refresh` or `restore` came to: the policy with its sizes, what was changed, and by when to confirm. */
export function renderApplied({
  fences,
  access,
  openFamilies,
  changes,
  confirmSeconds,
}: AppliedReport): string {
  return formatTable([
    ...fences.flatMap((fence) => fenceRows(fence, openFamilies)),
    ...accessRows(access),
    ...listRows('done', changes.flatMap(wrapItem), 'nothing, the fence is as it should be'),
    ...(confirmSeconds === undefined
      ? []
      : [['confirm', `within ${confirmSeconds} seconds, or it is taken back: geofence confirm`] as const]),
  ]);
}

/** Renders a list of changes under `label`, or the text `nothing` when there are none. */
export const renderChanges = ({ changes }: ChangesReport, nothing: string, label = 'done'): string =>
  formatTable(listRows(label, changes, nothing));
