import { formatTable, wrapItem } from '../words/format.ts';
import type { WayReport } from './fence.ts';
import { accessRows } from './fence.ts';

/** A fence of the policy. */
interface ListedFence {
  readonly name: string;
  /** "allow only CA (Canada) to tcp/22". */
  readonly sentence: string;
  /** The file that states it, or "the last refresh". */
  readonly from: string;
  readonly preview: boolean;
  readonly description?: string;
}

/** What `fence list` comes to. */
export interface FenceList {
  readonly fences: readonly ListedFence[];
  /** Who gets in where; empty where the same get in everywhere. */
  readonly access: readonly WayReport[];
}

/** Renders the fences, and who gets in where by all of them. */
export const renderFenceList = ({ fences, access }: FenceList): string =>
  formatTable([
    ...(fences.length === 0 ? [['fences', 'none: everybody gets in'] as const] : []),
    ...fences.flatMap(({ name, sentence, from, preview, description }) =>
      [
        `${sentence}${preview ? ', as a preview: it only counts' : ''}`,
        ...(description === undefined ? [] : [description]),
        `from ${from}`,
      ]
        .flatMap(wrapItem)
        .map((text, i) => [i === 0 ? name : '', text] as const),
    ),
    ...accessRows(access),
  ]);
