import type { EffectiveVariant } from './ipset/variant.ts';
import type { Change, State } from './model.ts';

/** What carries a fence: reads it back, and turns changes into commands. */
export interface Backend {
  /** Says which iptables it is; costs nothing after a `read` that told it. */
  readonly variant: () => Promise<EffectiveVariant>;
  /** The same; throws when a tool that will be needed is missing, or the privilege to use it. */
  readonly probe: () => Promise<EffectiveVariant>;
  /** The tools that `apply` runs. */
  readonly tools: readonly string[];
  /** What is ours in the kernel now. */
  readonly read: () => Promise<State>;
  /** Carries the changes out, in an order in which the kernel always holds a whole fence. */
  readonly apply: (changes: readonly Change[]) => Promise<void>;
}
