import { GeofenceError } from '../errors.ts';
import type { Backend, EffectiveVariant } from '../firewall/backend.ts';
import { hasRules } from '../firewall/rulesets.ts';
import type { Context } from '../context/context.ts';
import { tryRead } from './commit-confirm.ts';

/** A fence of ours in the iptables that is not used now. */
export interface OtherFence {
  readonly variant: EffectiveVariant;
  readonly backend: Backend;
}

/**
 * Both iptables can hold rules at once. A fence in the other one would go on dropping, unseen, and keep its sets in use.
 * It is looked for only where it can be: /proc lists the tables of iptables-legacy.
 */
export async function findFenceInOtherBackend(
  context: Context,
  effective: EffectiveVariant,
): Promise<OtherFence | undefined> {
  const variant = effective === 'nft' ? 'legacy' : 'nft';
  if (variant === 'legacy' && !(await hasLegacyTable(context))) return undefined;
  const backend = context.backendFor(variant);
  try {
    const { rulesets } = await backend.read('shape');
    return rulesets.some(hasRules) ? { variant, backend } : undefined;
  } catch (error) {
    // Its tools need not be there.
    if (error instanceof GeofenceError) return undefined;
    throw error;
  }
}

async function hasLegacyTable({ system }: Context): Promise<boolean> {
  const names = await Promise.all(
    ['ip', 'ip6'].map(async (family) => await tryRead(system.readText(`/proc/net/${family}_tables_names`))),
  );
  return names.some((text) => text?.split('\n').includes('mangle') === true);
}

export const describeOtherFence = ({ variant }: OtherFence): string =>
  `there is a fence of ours in iptables-${variant} too`;

/** Two fences at once are none that anybody asked for. */
export async function refuseFenceInOtherBackend(
  context: Context,
  effective: EffectiveVariant,
): Promise<void> {
  const otherFence = await findFenceInOtherBackend(context, effective);
  if (otherFence === undefined) return;
  throw new GeofenceError(`Cannot apply the fence: ${describeOtherFence(otherFence)}`, {
    hint: `take it away first: geofence remove --iptables ${otherFence.variant}`,
  });
}
