import type { Family } from '../ip/family.ts';
import type { Run } from '../system/run.ts';
import type { ChunkedText } from '../words/chunked-text.ts';
import type { AnyRule, Change, DesiredState, State } from './model.ts';
import type { EffectiveVariant } from './variants.ts';

/** What the kernel and the tools of a host are reached by. */
export interface BackendTools {
  readonly run: Run;
  /** Throws when a tool is not there. */
  readonly requireTool: (tool: string) => Promise<void>;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** The families that the kernel has. */
  readonly available: readonly Family[];
}

/** What was found out about the tools. */
interface Probe {
  readonly variant: EffectiveVariant;
}

/** How much of the sets is read: what they are made for, or what they hold, too. */
export type Depth = 'shape' | 'content';

/** What is ours in the kernel, and what the reading told about the tools. */
export interface Actual extends State, Probe {
  /** Whether there are sets of others: the kernel lets nobody change those while they are listed. */
  readonly hasForeignSets: boolean;
}

/** A text, and the command that reads it on its standard input. */
export interface Script {
  readonly command: string;
  readonly text: ChunkedText;
}

/**
 * What to do with one entry of a set whose entries come and go: an address, a network as a CIDR, a port, or ports as
 * "1000-2000".
 */
export type SetEdit =
  | {
      readonly verb: 'add';
      readonly entry: string;
      /** After how long it ends; only for a set that has timeouts. */
      readonly seconds?: number;
    }
  | { readonly verb: 'remove'; readonly entry: string };

/** What carries a fence: reads it back, and makes changes. Keeps nothing in mind from call to call. */
export interface Backend {
  /**
   * Tells the variant of iptables; throws GeofenceError when a tool of an available family is missing, or the privilege
   * to use it.
   */
  readonly probe: () => Promise<Probe>;
  /** Reads what is ours in the kernel now; throws GeofenceError when a tool is missing or fails. */
  readonly read: (depth: Depth) => Promise<Actual>;
  /**
   * Returns the texts that `apply` would feed to the tools for these changes, in order; runs nothing. Byte for byte
   * what the tools get, but for entries copied between sets, of which there is only the command. Throws an Error for a
   * rule that iptables has no form for.
   */
  readonly render: (changes: readonly Change[], actual: State) => readonly Script[];
  /**
   * Makes the changes, in an order in which the kernel always holds a whole fence; entries of runtime sets are kept.
   * `actual` is the reading that the changes were worked out from. Throws GeofenceError when a tool is missing (nothing
   * was changed), fails, or filled a set wrongly: part of the changes may be made then, and the caller puts them back.
   */
  readonly apply: (changes: readonly Change[], actual: Actual) => Promise<void>;
  /**
   * Adds and removes entries of a runtime set that exists; those that stay keep their time. A set of networks is made
   * anew and exchanged, so take its lock first. Throws GeofenceError, before anything is changed, for an entry or a
   * time that the set does not take; also when there is no such set, or ipset fails.
   */
  readonly edit: (set: string, edits: readonly SetEdit[]) => Promise<void>;
  /**
   * A rule as an administrator finds it in what iptables-save prints: "-A PREROUTING ..."; throws an Error for a rule
   * that iptables has no form for.
   */
  readonly formatRule: (chain: string, rule: AnyRule, family: Family) => string;
  /** A state as an object for JSON, without rules and sets that are not ours to put back. */
  readonly toSnapshot: (state: State) => object;
  /** The state that an object made by `toSnapshot` stands for; throws an Error for what is no fence of ours. */
  readonly fromSnapshot: (snapshot: object) => DesiredState;
}
