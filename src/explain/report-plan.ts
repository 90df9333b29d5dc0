import { isHooked } from '../firewall/rulesets.ts';
import type { DesiredState, State } from '../firewall/model.ts';
import type { Connection } from '../host/parse-connections.ts';
import type { WayExample } from '../policy/who-gets-in.ts';
import type { Refusal } from '../refusal.ts';
import { hintFor } from '../refusal.ts';
import type { PolicyReport } from '../report/fence.ts';
import type { CutOff, GroupReport, PlanReport } from '../report/plan.ts';
import type { Advice } from '../report/status.ts';
import type { CountryMap } from '../zones/country-map.ts';
import { placeOf } from '../zones/country-map.ts';
import type { Difference, Group } from './difference.ts';
import { newConnection, packetLike } from './packet.ts';
import { createPassing } from './passing.ts';
import { verdict } from './verdict.ts';
import { difference } from './difference.ts';

/** A change that is planned, and what it is judged by. */
export interface PlanInputs {
  readonly desired: DesiredState;
  readonly actual: State;
  /** Each in words. */
  readonly changes: readonly string[];
  readonly policy: PolicyReport;
  /** A packet for each way in about which different fences decide; none where the same ones decide about all. */
  readonly ways: readonly { readonly way: string; readonly example: WayExample }[];
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
  const getsIn = { before: createPassing(actual), after: createPassing(desired) };
  const ways =
    inputs.ways.length === 0 ? [{ way: undefined, example: { protocol: 'tcp' } as const }] : inputs.ways;
  const differences = ways.flatMap(({ way, example }) =>
    countryMaps.map((map) => ({
      way,
      ...difference(getsIn, packetLike(map.labels.family, example), map),
    })),
  );
  return {
    ...policy,
    applied: false,
    isFenced: isHooked(actual),
    difference: reportDifference(differences),
    cutOff: changes.length === 0 ? [] : findCutOff(connections, inputs),
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
const reportDifference = (
  differences: readonly (Difference & { readonly way: string | undefined })[],
): PlanReport['difference'] =>
  differences
    .filter(({ gained, lost }) => gained.addresses + lost.addresses > 0)
    .map(({ way, family, gained, lost }) => ({
      ...(way === undefined ? {} : { way }),
      family: family.name,
      gained: reportGroup(gained),
      lost: reportGroup(lost),
    }));

const reportGroup = ({ addresses, places, largest }: Group): GroupReport => ({
  addresses,
  countries: places.map(({ place, addresses: count }) => ({ country: place, addresses: count })),
  largest: largest.map(({ network, place }) => ({ network, country: place })),
});

/** Peers whose connection could be opened now, and not again. */
function findCutOff(
  connections: readonly Connection[],
  { actual, desired, countryMaps }: PlanInputs,
): CutOff[] {
  const found = connections.flatMap(({ localPort, peer: { family, words } }): [string, CutOff][] => {
    const packet = { ...newConnection(family, localPort), source: words };
    if (!verdict(actual, packet).passes || verdict(desired, packet).passes) return [];
    const map = countryMaps.find(({ labels }) => labels.family === family);
    const address = family.format(words, 0);
    return [
      [`${address} ${localPort}`, { address, port: localPort, country: map ? placeOf(map, words) : null }],
    ];
  });
  return [...new Map(found.sort(([a], [b]) => (a < b ? -1 : 1))).values()];
}
