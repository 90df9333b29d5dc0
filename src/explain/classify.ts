import type { RangeMap } from '../ip/range-map.ts';
import { mapOf, merge } from '../ip/range-map.ts';
import type { Place, CountryMap } from '../zones/country-map.ts';
import type { State } from '../firewall/model.ts';
import type { Traffic } from './packet.ts';
import { passing } from './passing.ts';

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
  readonly labels: RangeMap;
  readonly classes: readonly Class[];
}

const PASSES = 1;
const POLICY_PASSES = 2;
const PER_PLACE = 4;

/**
 * Judges all addresses of a family at once, for packets like `traffic`: by where they are registered, whether they pass in
 * the state `asked`, and, where it is given, in the state `policy`.
 */
export function classify(traffic: Traffic, countryMap: CountryMap, asked: State, policy?: State): Classes {
  const verdicts = [
    mapOf(passing(asked, traffic), PASSES),
    ...(policy === undefined ? [] : [mapOf(passing(policy, traffic), POLICY_PASSES)]),
  ];
  return {
    labels: verdicts.reduce((all, verdict) => merge(all, verdict, (label, said) => label + said), {
      ...countryMap.labels,
      values: countryMap.labels.values.map((place) => PER_PLACE * place),
    }),
    classes: countryMap.places.flatMap((place) =>
      [0, PASSES, POLICY_PASSES, PASSES + POLICY_PASSES].map((said) => ({
        place,
        passes: (said & PASSES) !== 0,
        policyPasses: policy === undefined ? undefined : (said & POLICY_PASSES) !== 0,
      })),
    ),
  };
}
