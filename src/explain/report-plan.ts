import { isHooked } from '../firewall/rulesets.ts';
import type { DesiredState, State } from '../firewall/model.ts';
import type { Connection } from '../host/parse-connections.ts';
import { contains } from '../ip/bounds.ts';
import type { Refusal } from '../refusal.ts';
import { hintFor } from '../refusal.ts';
import type { PolicyReport } from '../report/fence.ts';
import type { CutOff, GroupReport, PlanReport } from '../report/plan.ts';
import type { Advice } from '../report/status.ts';
import type { CountryMap } from '../zones/country-map.ts';
import { placeOf } from '../zones/country-map.ts';
import type { Difference, Group } from './difference.ts';
import { difference } from './difference.ts';

/** A change that is planned, and what it is judged by. */
export interface PlanInputs {
  readonly desired: DesiredState;
  readonly actual: State;
  /** Each in words. */
  readonly changes: readonly string[];
  readonly policy: PolicyReport;
  readonly refusals: readonly Refusal[];
  /** Where addresses are registered, for each family; none are needed where nothing changes. */
  readonly countryMaps: readonly CountryMap[];
  /** Connections that others opened to this host. */
  readonly connections: readonly Connection[];
  readonly warnings: readonly Advice[];
}

/**
 * Reports a planned change: who gains and who loses access, by country, which open connections could not be opened
 * again, what guards refuse, and the changes.
 */
export function reportPlan(inputs: PlanInputs): PlanReport {
  const { desired, actual, changes, policy, refusals, countryMaps, connections, warnings } = inputs;
  const differences = countryMaps.map((map) => difference(actual, desired, map.labels.family, map));
  return {
    ...policy,
    applied: false,
    isFenced: isHooked(actual),
    difference: reportDifference(differences),
    cutOff: findCutOff(connections, differences, countryMaps),
    refusals: refusals.map((refusal) => ({
      guard: refusal.guard,
      reason: refusal.reason,
      hint: hintFor(refusal),
    })),
    warnings,
    changes,
  };
}

/** The difference as the report has it, without families where nothing changes for anybody. */
const reportDifference = (differences: readonly Difference[]): PlanReport['difference'] =>
  differences
    .filter(({ gained, lost }) => gained.addresses + lost.addresses > 0)
    .map(({ family, gained, lost }) => ({
      family: family.name,
      gained: reportGroup(gained),
      lost: reportGroup(lost),
    }));

const reportGroup = ({ addresses, places, largest }: Group): GroupReport => ({
  addresses,
  countries: places.map(({ place, addresses: count }) => ({ country: place, addresses: count })),
  largest: largest.map(({ network, place }) => ({ network, country: place })),
});

function findCutOff(
  connections: readonly Connection[],
  differences: readonly Difference[],
  countryMaps: readonly CountryMap[],
): CutOff[] {
  if (differences.length === 0) return [];
  const found = connections.flatMap(({ localPort, peer: { family, words } }): [string, CutOff][] => {
    const i = differences.findIndex((one) => one.family === family);
    if (!contains(differences[i]!.lost.bounds, words)) return [];
    const address = family.format(words, 0);
    return [
      [`${address} ${localPort}`, { address, port: localPort, country: placeOf(countryMaps[i]!, words) }],
    ];
  });
  return [...new Map(found.sort(([a], [b]) => (a < b ? -1 : 1))).values()];
}
