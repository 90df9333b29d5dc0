import type { DesiredState, FirstEntries, SetSpec, SetShape, State } from '../firewall/model.ts';
import { isUp } from '../firewall/rulesets.ts';
import type { OpenConnections } from '../host/open-connections.ts';
import type { Family } from '../ip/family.ts';
import { families } from '../ip/family.ts';
import { wholeSpace } from '../ip/bounds.ts';
import { establishedSet, graceSet } from './set-names.ts';

/** For how long a connection that was open when the fence came up is known; ipset's longest time is 20 hours longer. */
export const ESTABLISHED_SECONDS = 24 * 86_400;

/** For how long what goes on between machines behind and others is taken for an open connection. */
const FORWARDED_GRACE_SECONDS = 60;

/** The same where nothing is forwarded: for what was opened after the sockets were listed. */
const OWN_GRACE_SECONDS = 5;

/** With 64 bytes an entry, 8 MB at most. */
const MOST_CONNECTIONS = 131_072;

/** The sets that keep a fence of this family from cutting off what was open before it, without entries. */
export const openConnectionSets = (family: Family): SetSpec[] => {
  const shape = { family, hasTimeouts: true, extras: '' };
  return [
    setOf(establishedSet(family), { ...shape, kind: 'connections', maxEntries: MOST_CONNECTIONS }),
    setOf(graceSet(family), { ...shape, kind: 'networks', maxEntries: 64 }),
  ];
};

const setOf = (name: string, shape: SetShape): SetSpec => ({ name, shape, owner: 'runtime' });

/** The fenced families whose fence is not there: it is about to come up. */
export const comingUp = (desired: DesiredState, actual: State): Family[] =>
  families.filter((family) => isUp(desired, family) && !isUp(actual, family));

/**
 * Says what the sets of these families get when the fence comes up: the connections that are open, and every address
 * for a while, longer where the family is forwarded.
 */
export function withOpenConnections(
  desired: DesiredState,
  coming: readonly Family[],
  { connections, forwarded }: OpenConnections,
): DesiredState {
  const first = new Map<string, FirstEntries>(
    coming.flatMap((family) => [
      [establishedSet(family), { seconds: ESTABLISHED_SECONDS, connections: connections.get(family) ?? [] }],
      [
        graceSet(family),
        {
          seconds: forwarded.includes(family) ? FORWARDED_GRACE_SECONDS : OWN_GRACE_SECONDS,
          bounds: wholeSpace(family),
        },
      ],
    ]),
  );
  const sets = [...desired.sets.values()].map((set) => {
    const atFirst = first.get(set.name);
    return set.owner === 'runtime' && atFirst !== undefined ? { ...set, atFirst } : set;
  });
  return { ...desired, sets: new Map(sets.map((set) => [set.name, set])) };
}
