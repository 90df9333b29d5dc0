import { GeofenceError, tryRead } from '../errors.ts';
import type { Backend } from '../firewall/backend.ts';
import type { EffectiveVariant } from '../firewall/variants.ts';
import { hasRules } from '../firewall/rulesets.ts';
import type { System } from '../system/system.ts';

/** A fence of ours in the iptables that is not used now. */
export interface OtherFence {
  readonly variant: EffectiveVariant;
  readonly backend: Backend;
}

type BackendFor = (variant: EffectiveVariant) => Backend;

/**
 * Looks for a fence of ours in the iptables that is not `effective`, which would go on dropping unseen; undefined when
 * there is none, or when its tables or tools cannot be read. Legacy tables are looked for only where /proc lists them.
 * Throws only for defects of ours.
 */
export async function findFenceInOtherBackend(
  { readText }: Pick<System, 'readText'>,
  backendFor: BackendFor,
  effective: EffectiveVariant,
): Promise<OtherFence | undefined> {
  const variant = effective === 'nft' ? 'legacy' : 'nft';
  if (variant === 'legacy' && !(await hasLegacyTable(readText))) return undefined;
  const backend = backendFor(variant);
  try {
    const { rulesets } = await backend.read('shape');
    return rulesets.some(hasRules) ? { variant, backend } : undefined;
  } catch (error) {
    // Its tools need not be there.
    if (error instanceof GeofenceError) return undefined;
    throw error;
  }
}

async function hasLegacyTable(readText: System['readText']): Promise<boolean> {
  const names = await Promise.all(
    ['ip', 'ip6'].map(async (family) => await tryRead(readText(`/proc/net/${family}_tables_names`))),
  );
  return names.some((text) => text?.split('\n').includes('mangle') === true);
}

/**
 * Throws a GeofenceError, with the command that removes it, when the iptables that is not `effective` holds a fence of
 * ours.
 */
export async function refuseFenceInOtherBackend(
  system: Pick<System, 'readText'>,
  backendFor: BackendFor,
  effective: EffectiveVariant,
): Promise<void> {
  const otherFence = await findFenceInOtherBackend(system, backendFor, effective);
  if (otherFence === undefined) return;
  const { variant } = otherFence;
  throw new GeofenceError(`Cannot apply the fence: there is a fence of ours in iptables-${variant} too`, {
    hint: `take it away first: geofence remove --iptables ${variant}`,
  });
}
