import { subtract, union } from '../ip/bounds.ts';
import type { Family } from '../ip/family.ts';
import type { Labels } from '../ip/labels.ts';
import { labelSet, overlay } from '../ip/labels.ts';
import type { Place, Registry } from '../zones/registry.ts';
import type { State } from './state.ts';
import { passing } from './verdict.ts';

/** What is said of an address when there are very many. */
export interface Class {
  readonly place: Place;
  readonly passes: boolean;
  /** Whether the other state says otherwise. */
  readonly isDisputed: boolean;
}

/** All addresses of a family by what is said of them. */
export interface Classes {
  /** Each number is the index of a class. */
  readonly labels: Labels;
  readonly classes: readonly Class[];
}

const PASSES = 1;
const DISPUTED = 2;
const PER_PLACE = 4;

/** Judges a whole family at once, by where its addresses are registered; `other` is a second opinion. */
export function classify(family: Family, registry: Registry, state: State, other: State = state): Classes {
  const [ours, theirs] = [passing(state, family), passing(other, family)];
  const disputed = union(subtract(ours, theirs), subtract(theirs, ours));
  const verdicts = overlay(labelSet(ours, PASSES), labelSet(disputed, DISPUTED), (a, b) => a + b);
  return {
    labels: overlay(registry.labels, verdicts, (place, said) => PER_PLACE * place + said),
    classes: registry.places.flatMap((place) =>
      [0, PASSES, DISPUTED, PASSES + DISPUTED].map((said) => ({
        place,
        passes: (said & PASSES) !== 0,
        isDisputed: (said & DISPUTED) !== 0,
      })),
    ),
  };
}
