import type { Family } from '../ip/family.ts';
import type { ChunkedText } from '../words/chunked-text.ts';
import type { AnyRule, Change, DesiredState, State } from './model.ts';
import type { EffectiveVariant } from './variants.ts';

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

/** What to do with one entry of a set whose entries come and go: an address, a network as a CIDR, or a port. */
export type SetEdit =
  | {
      readonly verb: 'add';
      readonly entry: string;
      /** Only where the set has timeouts. */ readonly seconds?: number;
    }
  | { readonly verb: 'remove'; readonly entry: string };

/** What carries a fence: reads it back, and makes changes. Keeps nothing in mind from call to call. */
export interface Backend {
  /** Throws a GeofenceError when a tool that will be needed is missing, or the privilege to use it. */
  readonly probe: () => Promise<Probe>;
  /** What is ours in the kernel now; throws a GeofenceError when it cannot be read. */
  readonly read: (depth: Depth) => Promise<Actual>;
  /** The texts that `apply` feeds to the tools, in order: dry run, golden file and stdin are the same. */
  readonly render: (changes: readonly Change[], actual: State) => readonly Script[];
  /**
   * Carries the changes out, in an order in which the kernel always holds a whole fence. Entries of runtime sets are
   * kept. `actual` is what the changes were worked out from.
   */
  readonly apply: (changes: readonly Change[], actual: Actual) => Promise<void>;
  /** Changes entries of a runtime set in place; one of networks is made anew and exchanged: take its lock first. */
  readonly edit: (set: string, edits: readonly SetEdit[]) => Promise<void>;
  /** A rule as somebody finds it who looks for it with the host's tools. */
  readonly formatRule: (chain: string, rule: AnyRule, family: Family) => string;
  /** A state as JSON, and back; throws an Error for what is no fence of ours. */
  readonly toSnapshot: (state: State) => object;
  readonly fromSnapshot: (snapshot: object) => DesiredState;
}
