import type { Bounds } from '../ip/bounds.ts';
import type { ExtraEntries } from '../firewall/model.ts';
import type { Family } from '../ip/family.ts';

export type Mode = 'allow' | 'deny';

/** Who may get in (`allow`: only these countries) or who may not (`deny`). */
export interface Fence {
  /** At most 10 characters: it becomes part of set names, of which the kernel takes 31. */
  readonly name: string;
  readonly mode: Mode;
  /** ISO 3166-1 alpha-2 codes, upper case, sorted. */
  readonly countries: readonly string[];
}

/** What the administrator wants. The first fence that applies to a packet decides. */
export interface Policy {
  readonly fences: readonly Fence[];
  /** The families that are fenced; the others are left open. */
  readonly families: readonly Family[];
  /** Ranges that always get through: ALLOWSUBNET, and the local ones unless they are turned off. */
  readonly escapes: ReadonlyMap<Family, Bounds>;
  /** Whether drops are logged by the kernel, at a limited rate. */
  readonly logDrops: boolean;
  /** Whether new TCP connections are dropped before connection tracking. */
  readonly dropsEarly: boolean;
  /** How many more entries than networks the sets of a family may have together; 0 for as few as possible. */
  readonly extraEntries: ExtraEntries;
}

/** The addresses of each fence's countries, by fence name and family. */
export type FenceBounds = (fence: Fence, family: Family) => Bounds;
