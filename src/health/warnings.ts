import type { HostConditions } from '../host/read-conditions.ts';
import { newConnection } from '../explain/packet.ts';
import { passing } from '../explain/passing.ts';
import type { State } from '../firewall/model.ts';
import { intersect, isEmpty, subtract, union } from '../ip/bounds.ts';
import { formatBounds } from '../ip/prefixes.ts';
import type { Policy } from '../policy/policy.ts';
import type { Advice } from '../report/status.ts';
import { formatPlural, formatShortened } from '../words/format.ts';
import { fenceWarnings } from './fence-warnings.ts';
import { scopeWarnings } from './scope-warnings.ts';
import { localBounds } from '../zones/local.ts';

/**
 * Returns warnings about what is as stated, but may not be meant, or not work as one thinks; `desired` is the state that
 * enforces the policy.
 */
export const findWarnings = (
  policy: Policy | undefined,
  desired: State,
  conditions: HostConditions,
): Advice[] => [
  ...forwardingWarnings(policy, conditions),
  ...behindWarnings(policy, desired, conditions),
  ...notrackWarnings(policy, conditions),
  ...sshPortWarnings(conditions),
  ...fenceWarnings(policy?.fences ?? []),
  ...scopeWarnings(policy?.fences ?? [], conditions),
];

/** An allow fence with --no-local on a host that forwards a fenced family. */
function forwardingWarnings(policy: Policy | undefined, { forwarded }: HostConditions): Advice[] {
  if (policy?.fences.some(({ mode }) => mode === 'allow') !== true) return [];
  return (
    forwarded
      .filter((family) => policy.families.includes(family))
      // Without --no-local they are escapes; somebody who lets some in by name has thought of it.
      .filter((family) => isEmpty(intersect(policy.escapes.get(family)!, localBounds(family))))
      .map(({ label }) => ({
        message: `this host forwards ${label}, and --no-local drops new connections from the LANs and containers behind it`,
        remedy: 'let them in with --allow-subnet, or leave --no-local out',
      }))
  );
}

/** To the fence a machine behind is a source as all others are, and its public address may be of a country kept out. */
function behindWarnings(
  policy: Policy | undefined,
  desired: State,
  { forwarded, behind }: HostConditions,
): Advice[] {
  return forwarded
    .filter((family) => policy?.families.includes(family) === true)
    .flatMap((family) => {
      const open = union(passing(desired, newConnection(family)), localBounds(family));
      const shutOut = formatBounds(subtract(behind.get(family)!, open));
      if (shutOut.length === 0) return [];
      return [
        {
          message: `machines behind this host are kept from opening connections through it, for the fence keeps out their addresses: ${formatShortened(shutOut)}`,
          remedy: 'let them in with --allow-subnet',
        },
      ];
    });
}

/** There the guard ssh-peer sees no session. */
const sshPortWarnings = ({ silentSshPorts }: HostConditions): Advice[] =>
  silentSshPorts.map(({ port, statedBy }) => ({
    message: `nothing listens on TCP port ${port}, where sshd should by ${statedBy}`,
    remedy:
      statedBy === 'ssh_ports'
        ? 'correct ssh_ports, or start sshd'
        : 'restart sshd, or correct its configuration, before you need it',
  }));

/** What is not tracked is never established: each packet is judged by where it comes from. */
function notrackWarnings(policy: Policy | undefined, { notrack }: HostConditions): Advice[] {
  const [first, ...more] = notrack;
  if (policy === undefined || first === undefined) return [];
  const others = more.length === 0 ? '' : ` (and ${formatPlural(more.length, 'more rule')})`;
  return [
    {
      message: `"${first}"${others} takes packets out of connection tracking: what this host asks others so gets no reply from whom the fence keeps out`,
      remedy: 'take that rule away, or let those it asks in with --allow-subnet',
    },
  ];
}
