import type { Family } from '../ip/family.ts';
import type { Labels } from '../ip/labels.ts';
import { labelSet, overlay } from '../ip/labels.ts';
import type { Place, Registry } from '../zones/registry.ts';
import type { State } from '../firewall/model.ts';
import { passing } from './verdict.ts';

/** What is said of an address when there are very many. */
export interface Class {
  readonly place: Place;
  readonly passes: boolean;
  /** What the policy says, where it is not what was asked first. */
  readonly policyPasses: boolean | undefined;
}

/** All addresses of a family by what is said of them. */
export interface Classes {
  /** Each number is the index of a class. */
  readonly labels: Labels;
  readonly classes: readonly Class[];
}

const PASSES = 1;
const POLICY_PASSES = 2;
const PER_PLACE = 4;

/** Judges a whole family at once, by where its addresses are registered. */
export function classify(family: Family, registry: Registry, asked: State, policy?: State): Classes {
  const verdicts = [
    labelSet(passing(asked, family), PASSES),
    ...(policy === undefined ? [] : [labelSet(passing(policy, family), POLICY_PASSES)]),
  ];
  return {
    labels: verdicts.reduce((all, verdict) => overlay(all, verdict, (label, said) => label + said), {
      ...registry.labels,
      values: registry.labels.values.map((place) => PER_PLACE * place),
    }),
    classes: registry.places.flatMap((place) =>
      [0, PASSES, POLICY_PASSES, PASSES + POLICY_PASSES].map((said) => ({
        place,
        passes: (said & PASSES) !== 0,
        policyPasses: policy === undefined ? undefined : (said & POLICY_PASSES) !== 0,
      })),
    ),
  };
}

/** Whether the policy says otherwise. */
export const isDisputed = ({ passes, policyPasses }: Pick<Class, 'passes' | 'policyPasses'>): boolean =>
  policyPasses !== undefined && policyPasses !== passes;
