import { fillScript } from '../../src/firewall/ipset/script.ts';
import type { Family } from '../../src/ip/family.ts';
import { families } from '../../src/ip/family.ts';
import { headerOf } from '../../src/plan/desired.ts';
import { groups } from '../../src/zones/countries.ts';
import { createNetwork } from '../helpers/network.ts';
import type { Data, Zone } from './data.ts';
import { allCountries, readZones } from './data.ts';
import { median } from './measure.ts';
import { PacketStage, boundsOfCountries, flowPorts, outsiders } from './packet-stage.ts';
import type { Row } from './table.ts';

/** Nanoseconds of one packet, after the stage is set. */
type Scenario = () => Promise<number>;

const drop = ['-A PREROUTING -i f0 -j DROP'];
const europe = groups.get('@europe') ?? [];
const EXTRA_ENTRIES = 0.1;

/** What would spare a bare SYN of a stranger the connection tracking: it does all of the fence's lookups itself. */
const earlyDrop = ({ version }: Family): string[] => [
  `-A PREROUTING -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -m set ! --match-set geofence-main-allow-${version} src -m set ! --match-set geofence-escape-${version} src -j DROP`,
];

async function scenarios(stage: PacketStage, data: Data): Promise<Record<string, Scenario>> {
  const { family } = stage;
  const zones = await readZones(data.cacheDir, family);
  const outside = (countries?: readonly string[]): string[] =>
    outsiders(family, boundsOfCountries(zones, family, countries));
  const [ofUS, ofEurope, ofNone] = [outside(['US']), outside(europe), outside()];
  const bare = async (): Promise<number> => {
    await stage.rules('raw', drop);
    return await stage.syns(ofUS);
  };
  const fenced =
    (countries: string, percent: number, from: readonly string[]) => async (): Promise<number> => {
      await stage.fence(countries, percent);
      return await stage.syns(from);
    };
  const alone = (names: readonly (readonly string[])[]): Scenario => {
    const scripts = names.map((countries, i) => fill(zones, family, `c${i}`, countries)).join('');
    const rules = names.map((_, i) => `-A PREROUTING -m set --match-set c${i}.new src -j RETURN`);
    return async () => {
      await stage.sets(scripts);
      await stage.rules('raw', [...rules, ...drop]);
      return await stage.syns(ofEurope);
    };
  };
  const flow = (isFenced: boolean, raw: readonly string[]) => async (): Promise<number> => {
    if (isFenced) await stage.fence('US', 10);
    if (raw.length > 0) await stage.rules('raw', raw);
    const isOfFlow = `-p udp -m udp --dport ${flowPorts.host} -m conntrack --ctstate ESTABLISHED`;
    await stage.rules('filter', [`-A INPUT ${isOfFlow} -j DROP`]);
    await stage.beginFlow();
    return await stage.flow();
  };
  return {
    bare,
    unreduced: fenced('US', 0, ofUS),
    reduced: fenced('US', 10, ofUS),
    unreducedAll: fenced(allCountries, 0, ofNone),
    reducedAll: fenced(allCountries, 10, ofNone),
    early: async () => {
      await stage.fence('US', 10);
      await stage.rules('raw', earlyDrop(family));
      return await stage.syns(ofUS);
    },
    merged: alone([europe]),
    perCountry: alone(europe.map((country) => [country])),
    flow: flow(false, []),
    fencedFlow: flow(true, []),
    earlyFlow: flow(true, earlyDrop(family)),
    bareAgain: bare,
  };
}

function fill(zones: readonly Zone[], family: Family, name: string, countries: readonly string[]): string {
  const bounds = boundsOfCountries(zones, family, countries);
  return fillScript({ name, header: headerOf(family), bounds, extraEntries: EXTRA_ENTRIES }).script;
}

/** What the fence costs a packet, in nanoseconds, beyond one that the very first rule drops. */
export async function packetRows(runs: number, data: Data): Promise<Row[]> {
  const network = await createNetwork([]);
  try {
    const rows = [];
    for (const family of families) {
      const stage = new PacketStage(family, network, data, runs > 2 ? 100_000 : 5000);
      rows.push(...(await rowsOf(stage, runs, await scenarios(stage, data))));
    }
    return rows;
  } finally {
    await network.close();
  }
}

async function rowsOf(
  stage: PacketStage,
  runs: number,
  all: Readonly<Record<string, Scenario>>,
): Promise<Row[]> {
  const taken: Record<string, number[]> = {};
  for (let run = 0; run <= runs; run++) {
    for (const [name, scenario] of Object.entries(all)) {
      await stage.clear();
      const nanoseconds = await scenario();
      if (run > 0) (taken[name] ??= []).push(nanoseconds);
    }
  }
  await stage.clear();
  const of = (name: string): number => median(taken[name] ?? []);
  const row = (what: string, name: string, base: string): Row => ({
    what: `${stage.family.label} ${what}`,
    value: of(name) - of(base),
    unit: 'ns',
  });
  return [
    { what: `${stage.family.label} SYN, bare DROP in raw, sending included`, value: of('bare'), unit: 'ns' },
    row('  noise: the same once more, beyond it', 'bareAgain', 'bare'),
    row('SYN from outside dropped: allow US, unreduced', 'unreduced', 'bare'),
    row('SYN from outside dropped: allow US, reduced by 10 %', 'reduced', 'bare'),
    row('SYN from outside dropped: allow US, early in raw', 'early', 'bare'),
    row('SYN from outside dropped: allow all, unreduced', 'unreducedAll', 'bare'),
    row('SYN from outside dropped: allow all, reduced by 10 %', 'reducedAll', 'bare'),
    row('SYN from outside, sets alone in raw: @europe merged', 'merged', 'bare'),
    row('SYN from outside, sets alone in raw: one set per country', 'perCountry', 'bare'),
    row('packet of a flow: the fence, beyond none', 'fencedFlow', 'flow'),
    row('packet of a flow: fence and early drop, beyond none', 'earlyFlow', 'flow'),
  ];
}
