import type { Family } from '../../src/ip/family.ts';
import { families } from '../../src/ip/family.ts';
import type { Data } from './data.ts';
import type { Flood } from './flood.ts';
import { ACK, SYN, flood } from './flood.ts';
import type { DropRules, Hosts } from './packet-hosts.ts';
import {
  addFlowHosts,
  addHosts,
  addTwentyFlowHosts,
  addTwentyHosts,
  countDropped,
  flowProtocols,
} from './packet-hosts.ts';
import type { Figures, Round } from './packet-rows.ts';
import { contestRows, worstNoise } from './packet-rows.ts';
import type { MeasuredFence } from './packet-fences.ts';
import { FLOW_FENCE, measuredFences } from './packet-fences.ts';
import { deniedBounds } from './packet-shapes.ts';
import { randomAddresses } from './packet-sources.ts';
import type { Variant } from './packet-stage.ts';
import { PacketStage, countPassed, flowPorts, receiver, sender } from './packet-stage.ts';
import type { Row } from './table.ts';
import { LAST_PORT } from './twenty-fences.ts';

/** Hosts that get the same packets in turn. */
interface Contest {
  readonly label: string;
  /** What a fence may cost, as a share of what the old shape costs. */
  readonly bar?: number;
  /** What geofence is measured against, where that is not the shape of 0.1. */
  readonly peer?: string;
  readonly hosts: Hosts;
  readonly job: Omit<Flood, 'devices'>;
  /** Where all that is sent has to end: without that the figures say nothing. */
  readonly end: DropRules;
}

/** How much is sent. */
interface Effort {
  /** Each has hosts of its own: where a set comes to lie in memory, and its seed, make some percent. */
  readonly laps: number;
  readonly rounds: number;
  readonly sources: number;
}

const thorough: Effort = { laps: 3, rounds: 30, sources: 4096 };
const quick: Effort = { laps: 1, rounds: 2, sources: 64 };

/** What the fence costs a packet, in nanoseconds beyond what it costs without, in today's shape and in others. */
export async function packetRows(runs: number, data: Data): Promise<Row[]> {
  const isQuick = runs < 3;
  const effort = isQuick ? quick : thorough;
  const fences = await measuredFences(data, isQuick);
  const figures = new Map<string, Figures>();
  for (let lap = 0; lap < effort.laps; lap++) {
    for (const fence of fences) {
      for (const prepare of [
        synContests,
        legacyContests,
        ...(fence.label === FLOW_FENCE ? [flowContests, twentyContests] : []),
      ])
        await runContests(figures, data, fence, effort, prepare);
    }
  }
  return [...[...figures.values()].flatMap(contestRows), worstNoise([...figures.values()])];
}

type Prepare = (stage: PacketStage, data: Data, fence: MeasuredFence, effort: Effort) => Promise<Contest[]>;

async function runContests(
  figures: Map<string, Figures>,
  data: Data,
  fence: MeasuredFence,
  effort: Effort,
  prepare: Prepare,
): Promise<void> {
  const stage = await PacketStage.create();
  try {
    for (const contest of await prepare(stage, data, fence, effort)) {
      const { label, bar, peer, hosts, job } = contest;
      const names = namesOf(hosts);
      const devices = names.map((name) => hosts[name].device);
      const before = await countEach(contest);
      const results = await flood(stage.sender, { ...job, devices });
      await check(contest, before);
      const rounds = Array.from(
        { length: job.rounds },
        (_, round) =>
          Object.fromEntries(names.map((name, i) => [name, results[i]?.[round]])) as unknown as Round,
      );
      figures.set(label, { label, bar, peer, rounds: [...(figures.get(label)?.rounds ?? []), ...rounds] });
    }
  } finally {
    await stage.close();
  }
}

const namesOf = (hosts: Hosts): (keyof Hosts)[] => Object.keys(hosts) as (keyof Hosts)[];

const countEach = async ({ hosts, end }: Contest): Promise<Map<keyof Hosts, number>> =>
  new Map(
    await Promise.all(
      namesOf(hosts).map(async (name) => [name, await countDropped(hosts[name], end)] as const),
    ),
  );

/** Throws an Error where not all packets arrived at the rules that drop them, or some got past. */
async function check(contest: Contest, before: ReadonlyMap<keyof Hosts, number>): Promise<void> {
  const { label, hosts, job } = contest;
  // Each turn sends every frame twice.
  const least = 2 * job.framesInTurn * job.rounds;
  for (const [name, count] of await countEach(contest)) {
    const dropped = count - (before.get(name) ?? 0);
    if (dropped < least)
      throw new Error(`${label}, ${name}: only ${dropped} of ${least} packets were dropped`);
    const passed = await countPassed(hosts[name]);
    if (passed > 0) throw new Error(`${label}, ${name}: ${passed} TCP segments got past the rules`);
  }
}

const barOf = (family: Family, { label }: MeasuredFence): number =>
  family.version === 4 ? 0.5 : label === 'allow all' ? 0.7 : 0.6;

const synContests: Prepare = async (stage, data, fence, { rounds, sources }) => {
  const hosts = await addHosts(stage, data, fence, 'nft');
  return families.flatMap((family) => [
    { ...synContest(hosts, fence, endOf('nft', family), sources, rounds), bar: barOf(family, fence) },
    synContest(hosts, fence, endOf('nft', family), 4 * sources, Math.ceil(rounds / 6)),
  ]);
};

const legacyContests: Prepare = async (stage, data, fence, { rounds, sources }) => {
  const hosts = await addHosts(stage, data, fence, 'legacy');
  return families
    .map((family) => synContest(hosts, fence, endOf('legacy', family), sources, Math.ceil(rounds / 3)))
    .map((contest) => ({ ...contest, label: `${contest.label}, legacy` }));
};

/** Where denied SYNs end: in the early drop, of whatever shape. */
const endOf = (variant: Variant, family: Family): DropRules => ({ variant, family, table: 'raw' });

function synContest(
  hosts: Hosts,
  fence: MeasuredFence,
  end: DropRules,
  sources: number,
  rounds: number,
): Contest {
  const { family } = end;
  const from = randomAddresses(deniedBounds(fence, family), sources);
  const job = { protocol: 'tcp', flags: SYN, ports: [40_000, 443], from, to: receiver[family.name] } as const;
  const label = `${family.label} denied SYN, ${fence.label}, ${sources.toLocaleString('en')} sources`;
  return { label, hosts, job: { ...job, rounds, framesInTurn: sources }, end };
}

const flowContests: Prepare = async (stage, data, fence, { rounds, sources }) => {
  const hosts = await addFlowHosts(stage, data, fence);
  return families.flatMap((family) =>
    flowProtocols.map((protocol): Contest => {
      const ports = [flowPorts.sender, flowPorts.receiver] as const;
      const job = { protocol, flags: ACK, ports, from: [sender[family.name]], to: receiver[family.name] };
      const end = { variant: 'nft', family, table: 'filter' } as const;
      const label = `${family.label} established ${protocol.toUpperCase()} packet`;
      return { label, bar: 1, hosts, job: { ...job, rounds, framesInTurn: sources }, end };
    }),
  );
};

/** Twenty fences against one: a new connection that the last of them decides about, and packets of a flow. */
const twentyContests: Prepare = async (stage, data, fence, { rounds, sources }) => {
  const denying = await addTwentyHosts(stage, data, fence);
  const passing = await addTwentyFlowHosts(stage, data, fence);
  return families.flatMap((family): Contest[] => {
    const to = receiver[family.name];
    const syn = { protocol: 'tcp', flags: SYN, ports: [40_000, LAST_PORT], to } as const;
    const ack = { ...syn, flags: ACK, ports: [flowPorts.sender, flowPorts.receiver] } as const;
    const denied = randomAddresses(deniedBounds(fence, family), sources);
    const allowed = randomAddresses(fence.bounds.get(family)!, sources);
    const contest = (what: string, bar: number, hosts: Hosts, job: Omit<Flood, Common>): Contest => ({
      label: `${family.label} ${what}, 20 fences`,
      bar,
      peer: 'one fence',
      hosts,
      job: { ...job, framesInTurn: sources, rounds },
      end: { variant: 'nft', family, table: hosts === denying ? 'raw' : 'filter' },
    });
    return [
      contest('denied SYN', 1.4, denying, { ...syn, from: denied }),
      contest('allowed SYN', 1.4, passing, { ...syn, from: allowed }),
      contest('established TCP packet', 1.05, passing, { ...ack, from: [sender[family.name]] }),
    ];
  });
};

type Common = 'devices' | 'framesInTurn' | 'rounds';
