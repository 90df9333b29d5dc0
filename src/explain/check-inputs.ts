import type { LoadedZone } from '../zones/loaded-zone.ts';
import type { DesiredState, State } from '../firewall/model.ts';
import type { Policy } from '../policy/policy.ts';
import type { WayIn } from '../policy/who-gets-in.ts';
import type { OpenedZone } from '../zones/aggregate.ts';

export type CheckedZone = LoadedZone & OpenedZone;

/** What addresses are judged by. */
export interface CheckInputs {
  /** What the kernel holds; undefined when it cannot be read. */
  readonly kernel: State | undefined;
  /** What the policy and the cached zones ask for, of the families asked about; or why that cannot be told. */
  readonly desired: DesiredState | { readonly reason: string };
  readonly policy: Policy | undefined;
  /** Ports that are open to everybody for a while. */
  readonly open: readonly Pick<WayIn, 'way' | 'example'>[];
  /** Every cached zone of the families, in order of the codes. */
  readonly zones: readonly CheckedZone[];
}
