import type { Config } from '../config/resolve.ts';
import { COMMAND_LINE } from '../config/stated-config.ts';
import type { State } from '../firewall/model.ts';
import { readHostFacts } from '../host/host-facts.ts';
import { guard } from '../plan/guard.ts';
import type { Refusal } from '../refusal.ts';
import { isForced } from '../refusal.ts';
import type { AppliedPolicy } from '../state/applied-policy.ts';
import { isSamePolicy } from '../state/same-policy.ts';
import type { System } from '../system/system.ts';
import type { PreparedPolicy } from './prepare-policy.ts';

/** What guards go by, besides the plan and the host. */
export interface GuardInputs {
  readonly config: Config;
  /** The policy that is in force. */
  readonly remembered: AppliedPolicy | undefined;
}

/**
 * Asks the guards about the change from `before` to the prepared policy. Returns what they refuse, without
 * those that were forced before for the same policy; those that this run forces are the caller's to leave out. Throws GeofenceError when the host cannot be
 * looked at.
 */
export async function openRefusals(
  system: System,
  prepared: PreparedPolicy,
  before: State,
  { config, remembered }: GuardInputs,
): Promise<Refusal[]> {
  // What was forced once need not be forced every week, nor at boot.
  const forced = new Set(isSamePolicy(config, remembered) ? remembered?.forced : []);
  const refusals = guard(
    {
      ...prepared,
      before,
      escapes: config.subnets.map(({ bounds }) => bounds),
      isIPv6OpenOnPurpose: config.originOf('ipv6') !== COMMAND_LINE,
    },
    await readHostFacts(system, config.stated.ssh_ports),
  );
  return refusals.filter((refusal) => !isForced(refusal, forced));
}
