import type { Bounds } from '../ip/bounds.ts';
import type { ExtraEntries } from '../firewall/model.ts';
import type { Family } from '../ip/family.ts';
import type { Scope } from './scope.ts';

export type Mode = 'allow' | 'deny';

/** Who may get in (`allow`: only these countries) or who may not (`deny`). */
export interface Fence {
  /** At most 10 characters: it becomes part of set names, of which the kernel takes 31. */
  readonly name: string;
  readonly mode: Mode;
  /** ISO 3166-1 alpha-2 codes, upper case, sorted; or, of an allow fence, everyone, wherever they are. */
  readonly countries: readonly string[] | 'everyone';
  /** The packets that it is for. */
  readonly scope: Scope;
  /** What this fence never shuts out, beside the escapes. */
  readonly spared: ReadonlyMap<Family, Bounds>;
  /** Whether it only counts what it would drop: it owns nothing and drops nothing. */
  readonly isPreview: boolean;
  /** Whether the kernel logs what it drops, at a limited rate. */
  readonly logs: boolean;
}

/**
 * What the administrator wants. Every deny fence that covers a packet counts; of the allow fences the most special one
 * owns it; what no fence covers passes.
 */
export interface Policy {
  readonly fences: readonly Fence[];
  /** The families that are fenced; the others are left open. */
  readonly families: readonly Family[];
  /** Ranges that always get through: ALLOWSUBNET, and the local ones unless they are turned off. */
  readonly escapes: ReadonlyMap<Family, Bounds>;
  /** Whether new TCP connections are dropped before connection tracking. */
  readonly dropsEarly: boolean;
  /** How many more entries than networks the sets of a family may have together; 0 for as few as possible. */
  readonly extraEntries: ExtraEntries;
}

/** Returns the countries of a fence; none of one that is for everyone. */
export const countriesOf = ({ countries }: Pick<Fence, 'countries'>): readonly string[] =>
  countries === 'everyone' ? [] : countries;

/** The addresses of each fence's countries, by fence name and family. */
export type FenceBounds = (fence: Fence, family: Family) => Bounds;
