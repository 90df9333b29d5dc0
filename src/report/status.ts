import type { HoleReport } from './holes.ts';
import type { FamilyName, FenceReport, WayReport } from './fence.ts';

/**
 * How it stands with the fence, the worst first. `down`: a family that should be fenced is not. `drifted`: the kernel
 * holds something else than the policy says. `stale`: zones are too old, damaged or missing. `pending`: a change waits
 * to be confirmed. `preview`: as it should be, and all fences only count. `up`: as it should be. `none`: no policy and no fence.
 */
export type FenceState = 'down' | 'drifted' | 'stale' | 'pending' | 'preview' | 'up' | 'none';

/**
 * What the fence does about a family. `fenced`: every new packet meets it, whoever it is for. `doubtful`: it stands,
 * but not as it should, and may let in whom it should not. `down`: it should be fenced, and everybody gets in. `open`:
 * the policy leaves it alone. `absent`: the kernel does not have it.
 */
export type Coverage = 'fenced' | 'doubtful' | 'down' | 'open' | 'absent';

/** What rules have counted. */
export interface PacketCount {
  readonly packets: number;
  readonly bytes: number;
}

/** What somebody should know, and do. */
export interface Advice {
  readonly message: string;
  /** A command, or the words that say which. */
  readonly remedy: string;
}

/** What is not as it should be. */
export interface Problem extends Advice {
  readonly kind: 'down' | 'drifted' | 'stale';
}

/** What runs `refresh` by itself. */
export interface Schedule {
  /** The systemd timer, or the file that cron runs. */
  readonly by: string;
  /** When the timer elapses, where it is not weekly: systemd.time(7). */
  readonly calendar?: string;
  /** When the next run may start; there is a random delay. ISO 8601; absent when it cannot be told. */
  readonly nextRun?: string;
}

/** What is so of one family. */
export interface FamilyStatus {
  readonly family: FamilyName;
  readonly coverage: Coverage;
  /** Absent where there are no rules of ours. */
  readonly counters?: { readonly dropped: PacketCount };
}

export interface ZoneStatus {
  readonly zone: string;
  readonly source: string;
  readonly fetchedAt: string;
  /** null when the clock was set back since. */
  readonly ageSeconds: number | null;
}

/** A port that waits for other hosts. */
export interface ListenerStatus {
  readonly protocol: 'tcp' | 'udp';
  readonly port: number;
  readonly family: FamilyName;
  readonly fenced: boolean;
  /** The fence that decides about it by the policy; undefined where none does, or several by interface. */
  readonly owner: string | undefined;
  /** Who gets in there by the policy, in words. */
  readonly who: string;
}

/** What a fence has dropped, or as a preview would have. */
export interface FenceCount {
  readonly fence: string;
  readonly preview: boolean;
  readonly count: PacketCount;
}

/** What `status --json` prints; status.schema.json says what each field means. */
export interface StatusReport {
  /** Grows when a field changes its meaning or goes; new fields may come without. */
  readonly schema: 1;
  readonly state: FenceState;
  readonly ok: boolean;
  readonly problems: readonly Problem[];
  readonly warnings: readonly Advice[];
  readonly policy: string | undefined;
  readonly origin: string | undefined;
  readonly escapes: readonly string[];
  readonly local: boolean;
  readonly fences: readonly FenceReport[];
  /** Who gets in where; empty where the same get in everywhere. */
  readonly access: readonly WayReport[];
  /** What is open for a while. */
  readonly holes: readonly HoleReport[];
  readonly families: readonly FamilyStatus[];
  /** Empty where the families tell all. */
  readonly counted: readonly FenceCount[];
  readonly listeners: readonly ListenerStatus[];
  readonly zones: readonly ZoneStatus[];
  readonly maxZoneAgeDays: number;
  readonly schedule: Schedule | undefined;
  readonly pendingUntil: string | undefined;
}
