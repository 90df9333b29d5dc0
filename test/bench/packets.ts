import { fillScript } from '../../src/firewall/ipset/set-script.ts';
import type { Family } from '../../src/ip/family.ts';
import { families } from '../../src/ip/family.ts';
import { networksOf } from '../../src/firewall/set-shape.ts';
import { groups } from '../../src/zones/countries.ts';
import { createNetwork } from '../helpers/network.ts';
import type { Data, Zone } from './data.ts';
import { allCountries, readZones } from './data.ts';
import { median } from './measure.ts';
import type { FenceSettings } from './packet-stage.ts';
import { PacketStage, boundsOfCountries, flowPorts, outsiders } from './packet-stage.ts';
import type { Row } from './table.ts';

/** Nanoseconds of one packet, after the stage is set. */
type Scenario = () => Promise<number>;

const drop = ['-A PREROUTING -i f0 -j DROP'];
const europe = groups.get('@europe') ?? [];
const EXTRA_ENTRIES = 0.1;

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
    (countries: string, from: readonly string[], settings?: FenceSettings) => async (): Promise<number> => {
      await stage.fence(countries, settings);
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
  const flow = (settings?: FenceSettings) => async (): Promise<number> => {
    if (settings !== undefined) await stage.fence('US', settings);
    const isOfFlow = `-p udp -m udp --dport ${flowPorts.host} -m conntrack --ctstate ESTABLISHED`;
    await stage.rules('filter', [`-A INPUT ${isOfFlow} -j DROP`]);
    await stage.beginFlow();
    return await stage.flow();
  };
  return {
    bare,
    unreduced: fenced('US', ofUS, { extraEntriesPercent: 0 }),
    reduced: fenced('US', ofUS),
    unreducedAll: fenced(allCountries, ofNone, { extraEntriesPercent: 0 }),
    reducedAll: fenced(allCountries, ofNone),
    early: fenced('US', ofUS, { dropsEarly: true }),
    earlyAll: fenced(allCountries, ofNone, { dropsEarly: true }),
    merged: alone([europe]),
    perCountry: alone(europe.map((country) => [country])),
    flow: flow(),
    fencedFlow: flow({}),
    earlyFlow: flow({ dropsEarly: true }),
    bareAgain: bare,
  };
}

function fill(zones: readonly Zone[], family: Family, name: string, countries: readonly string[]): string {
  const bounds = boundsOfCountries(zones, family, countries);
  return String(
    fillScript({
      name,
      owner: 'plan',
      shape: networksOf(family),
      bounds,
      extraEntries: { share: EXTRA_ENTRIES, count: 0 },
    }).script,
  );
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
    row('SYN from outside dropped: allow all, early in raw', 'earlyAll', 'bare'),
    row('SYN from outside, sets alone in raw: @europe merged', 'merged', 'bare'),
    row('SYN from outside, sets alone in raw: one set per country', 'perCountry', 'bare'),
    row('packet of a flow: the fence, beyond none', 'fencedFlow', 'flow'),
    row('packet of a flow: fence and early drop, beyond none', 'earlyFlow', 'flow'),
  ];
}
