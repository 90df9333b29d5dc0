import type { Traffic } from '../explain/packet.ts';
import { newConnection } from '../explain/packet.ts';
import { passing } from '../explain/passing.ts';
import type { Change, DesiredState, State } from '../firewall/model.ts';
import type { Listener } from '../host/parse-listeners.ts';
import type { Bounds } from '../ip/bounds.ts';
import { isEmpty, subtract, wholeSpace } from '../ip/bounds.ts';
import type { Family } from '../ip/family.ts';
import type { Policy } from '../policy/policy.ts';
import type { Coverage } from '../report/status.ts';

/** What coverage goes by: `changes` are what is missing from the actual state. */
export interface Situation {
  readonly policy: Policy | undefined;
  readonly available: readonly Family[];
  readonly desired: DesiredState;
  readonly actual: State;
  readonly changes: readonly Change[];
}

/**
 * Returns what the fence does about a family, judged by who gets in with the first packet of a TCP connection to any
 * port, and by which changes are due.
 */
export function coverage(family: Family, situation: Situation): Coverage {
  const { policy, available, desired, actual, changes } = situation;
  if (!available.includes(family)) return 'absent';
  const getsIn = passing(actual, newConnection(family));
  if (policy?.families.includes(family) !== true) return isEverybody(getsIn) ? 'open' : 'doubtful';
  if (isEverybody(getsIn) && !isEverybody(passing(desired, newConnection(family)))) return 'down';
  if (changes.some((change) => isMissing(change, family))) return 'down';
  return changes.some((change) => concerns(change, family)) ? 'doubtful' : 'fenced';
}

/** A fence whose rules are gone is down, also where the policy keeps nobody out. */
const isMissing = (change: Change, family: Family): boolean =>
  change.what === 'rules' &&
  concerns(change, family) &&
  change.rules.hooks.length > 0 &&
  change.before.hooks.length === 0;

const isEverybody = (bounds: Bounds): boolean => isEmpty(subtract(wholeSpace(bounds.family), bounds));

/**
 * Whether a change that is due weakens the fence of a family: its main rules, or a set that must be made or refilled. A
 * set that is only left over does not count, nor do the early rules, without which the same packets are dropped later.
 */
export function concerns(change: Change, family: Family): boolean {
  if (change.what === 'rules') return change.rules.stage === 'main' && change.rules.family === family;
  return change.verb !== 'remove' && change.set.shape.family === family;
}

/**
 * Whether everybody whom the policy keeps out of a port is kept out now: `getsIn` says who gets in with given traffic,
 * now and as wanted. Always false for a family whose coverage is `open` or `absent`.
 */
export const isPortFenced = (
  { family, protocol, port }: Listener,
  coverageOf: Coverage | undefined,
  getsIn: Readonly<Record<'now' | 'wanted', (traffic: Traffic) => Bounds>>,
): boolean => {
  if (coverageOf === 'open' || coverageOf === 'absent') return false;
  const traffic = newConnection(family, port, protocol);
  return isEmpty(subtract(getsIn.now(traffic), getsIn.wanted(traffic)));
};
