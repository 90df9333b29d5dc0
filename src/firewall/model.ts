import type { Bounds } from '../ip/bounds.ts';
import type { Family } from '../ip/family.ts';
import { families } from '../ip/family.ts';
import type { Table } from './names.ts';
import { tables } from './names.ts';

/** One ipset set. */
export interface SetState {
  readonly name: string;
  /** Type and options as `ipset save` words them, without sizes and seeds: "hash:net family inet". */
  readonly header: string;
  readonly bounds: Bounds;
  /**
   * How many more entries than networks, as a share, the kernel's set may have so that its prefix lengths are few;
   * says nothing about what it holds.
   */
  readonly extraEntries?: number;
}

/** One iptables rule, without its "-A CHAIN", as iptables-save words it. */
export interface Rule {
  readonly text: string;
  readonly packets?: number;
  readonly bytes?: number;
}

/** A rule in somebody else's chain that leads into one of ours. Positions count from 1. */
export interface Jump {
  readonly chain: string;
  readonly position: number;
  readonly text: string;
}

/** What is ours in one table of one family. */
export interface Ruleset {
  readonly table: Table;
  readonly family: Family;
  /** Our chains and their rules. */
  readonly chains: ReadonlyMap<string, readonly Rule[]>;
  readonly jumps: readonly Jump[];
}

/** The kernel objects of the fence, as they should be or as they were read back. */
export interface State {
  readonly sets: ReadonlyMap<string, SetState>;
  /** One for each table and family, fenced or not. */
  readonly rulesets: readonly Ruleset[];
}

export const noRules = (table: Table, family: Family): Ruleset => ({
  table,
  family,
  chains: new Map(),
  jumps: [],
});

/** No fence at all: what `remove` wants. */
export const noFence: State = {
  sets: new Map(),
  rulesets: tables.flatMap((table) => families.map((family) => noRules(table, family))),
};

/** What a state has in one table of one family. */
export const rulesOf = ({ rulesets }: State, table: Table, family: Family): Ruleset =>
  rulesets.find((rules) => rules.table === table && rules.family === family) ?? noRules(table, family);

/** One difference between two states, and what removes it. */
export type Change =
  | { readonly verb: 'createSet'; readonly set: SetState }
  /** The set in use gets other content: filled beside it, then swapped. */
  | { readonly verb: 'replaceSet'; readonly set: SetState; readonly before: SetState }
  | { readonly verb: 'destroySet'; readonly name: string }
  | { readonly verb: 'replaceRules'; readonly rules: Ruleset; readonly before: Ruleset };
