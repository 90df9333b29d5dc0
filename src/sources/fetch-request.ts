import type { CachedZone, Store } from '../cache/store.ts';
import type { GuardName } from '../refusal.ts';
import type { ChangeLimits } from '../zones/judge-change.ts';
import type { ZoneId } from '../zones/zone.ts';
import type { Source } from './catalog.ts';
import type { Timeouts } from './http/error.ts';
import type { System } from '../system/system.ts';

/** What to fetch, from where, and within which limits. */
export interface FetchRequest extends Timeouts {
  readonly wanted: readonly ZoneId[];
  /** In the order they are asked. */
  readonly sources: readonly Source[];
  readonly store: Store;
  readonly maxAgeDays: number;
  /** Requests at a time to one source; without it the source's own number. */
  readonly concurrency?: number;
  readonly deadlineSeconds: number;
  readonly changeLimits: ChangeLimits;
  /** Guards to pass over. */
  readonly forcedGuards: ReadonlySet<string>;
  readonly maxZoneBytes: number;
  /** Of an archive, both packed and unpacked. */
  readonly maxArchiveBytes: number;
  readonly userAgent: string;
  readonly now: () => number;
  readonly sleep: System['sleep'];
  readonly random: () => number;
  /** Aborts everything; then `fetchZones` rejects with its reason. */
  readonly signal: AbortSignal;
  /** A sentence about what was mended or is doubtful. */
  readonly warn: (text: string) => void;
  /** A sentence about how it goes. */
  readonly info: (text: string) => void;
  /** Called whenever a zone is settled, with how many are. */
  readonly progress: (settled: number) => void;
}

/**
 * What became of a wanted zone: `fresh`: the cache is young enough, nobody was asked; `unchanged`: a source vouched
 * for the cached copy; `fetched`; `aged`: no source could help, an old copy remains; `empty`: known to have no zone;
 * `refused`: it holds too much, or changed too much, to be believed; `missing`: there is nothing at all.
 */
export type ZoneState = 'fresh' | 'unchanged' | 'fetched' | 'aged' | 'empty' | 'refused' | 'missing';

export interface ZoneResult {
  readonly id: ZoneId;
  readonly state: ZoneState;
  /** What may be used, and is in the cache too; absent when `empty` or `missing`. */
  readonly zone?: CachedZone;
  /** The guard that refused it. */
  readonly guard?: GuardName;
  /** Why the sources failed. */
  readonly reason?: string;
}
