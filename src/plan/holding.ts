import { newConnection } from '../explain/packet.ts';
import { passing } from '../explain/passing.ts';
import type { Change, DesiredState, SetState, State } from '../firewall/model.ts';
import { isHooked, looksAt, rulesOf } from '../firewall/rulesets.ts';
import { isEmpty, subtract, wholeSpace } from '../ip/bounds.ts';
import type { Family } from '../ip/family.ts';
import { families } from '../ip/family.ts';
import { diff } from './diff.ts';

/** The two ends of a change: what shall be, and what was there before. */
export interface Ends {
  readonly wanted: DesiredState;
  readonly former: DesiredState;
}

/**
 * What the kernel holds of a family that was to go from one end to the other; the ends may be alike. The early drop
 * does not count: without it the same packets are dropped.
 */
export interface Holding {
  readonly family: Family;
  readonly isWanted: boolean;
  readonly isFormer: boolean;
  /** Whether it is a fence of others' making: some piece is as at neither end, and some get in, but not everybody. */
  readonly isOthers: boolean;
  /** Whether packets meet rules of ours at all. */
  readonly isHooked: boolean;
}

/** Tells what the kernel holds of each family. */
export const holdingsOf = (now: State, { wanted, former }: Ends): Holding[] =>
  families.map((family) => {
    const here = mainOf(now, family);
    const [toWanted, toFormer] = [
      piecesOf(mainOf(wanted, family), here),
      piecesOf(mainOf(former, family), here),
    ];
    return {
      family,
      isWanted: toWanted.length === 0,
      isFormer: toFormer.length === 0,
      isOthers: toWanted.some((piece) => toFormer.includes(piece)) && fencesSome(here, family),
      isHooked: isHooked(here),
    };
  });

/** The main rules of a family, and the sets that they look at. */
function mainOf<S extends SetState>(state: Sets<S> & State, family: Family): Sets<S> & State {
  const rules = rulesOf(state, 'main', family);
  const sets = new Map([...state.sets].filter(([name]) => looksAt(rules, name)));
  return { sets, rulesets: [rules] };
}

interface Sets<S> {
  readonly sets: ReadonlyMap<string, S>;
}

/** What is not as it is at an end: sets by their names, or the rules. */
const piecesOf = (end: DesiredState, now: State): string[] => diff(end, now).map(pieceOf);

function pieceOf(change: Change): string {
  if (change.what === 'rules') return 'the rules';
  return change.verb === 'remove' ? change.name : change.set.name;
}

function fencesSome(state: State, family: Family): boolean {
  const getsIn = passing(state, newConnection(family));
  return !isEmpty(getsIn) && !isEmpty(subtract(wholeSpace(family), getsIn));
}

/**
 * Returns the changes that put back what was there before a change that failed, apart from families that hold what
 * others made meanwhile.
 */
export function changesBack(now: State, { former }: Ends, holdings: readonly Holding[]): Change[] {
  const kept = new Set<Family | undefined>(
    holdings.filter(({ isOthers }) => isOthers).map(({ family }) => family),
  );
  const familyOf = (change: Change): Family | undefined => {
    if (change.what === 'rules') return change.rules.family;
    return (change.verb === 'remove' ? now.sets.get(change.name) : change.set)?.shape.family;
  };
  return diff(former, now).filter((change) => !kept.has(familyOf(change)));
}
